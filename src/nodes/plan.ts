import { type FleetAction, retiredNodes } from './plan/actions.ts';
import { planDrains } from './plan/drain.ts';
import { planOverdue } from './plan/overdue.ts';
import { planSupply } from './plan/supply.ts';
import type { FleetSnapshot } from './snapshot.ts';

/**
 * What is to be done with the fleet, each action with its reason. Pure and level-triggered: the same snapshot gives the
 * same actions, and a tick needs no memory of the one before. Why a node was deleted is answered here:
 * `overdue` (deadlines, silence, holds that ended), `drain` (no longer configured), `supply` (age, surplus, eviction).
 */
export function planFleet(snapshot: FleetSnapshot): FleetAction[] {
  if (snapshot.observing) return [];
  const actions = planOverdue(snapshot);
  actions.push(...planDrains(snapshot, retiredNodes(actions)));
  actions.push(...planSupply(snapshot, retiredNodes(actions)));
  return actions;
}
