import { type FleetAction, type FleetPlan, retiredNodes } from './plan/actions.ts';
import { planDrains } from './plan/drain.ts';
import { planOverdue } from './plan/overdue.ts';
import { observe, planSupply } from './plan/supply.ts';
import type { FleetSnapshot } from './snapshot.ts';

/**
 * What is to be done with the fleet, each action with its reason, and the decision for each waiting request. Pure and level-triggered: the same snapshot gives the
 * same actions, and a tick needs no memory of the one before. Why a node was deleted is answered here:
 * `overdue` (deadlines, silence, holds that ended), `drain` (no longer configured), `supply` (age, surplus, eviction).
 */
export function planFleet(snapshot: FleetSnapshot): FleetPlan {
  const slices = planInSlices(snapshot);
  for (;;) {
    const slice = slices.next();
    if (slice.done === true) return slice.value;
  }
}

/** Nodes judged at once: a few milliseconds. */
const SLICE_NODES = 1_000;

/**
 * The same in slices of a few milliseconds: with ten thousand nodes the whole would hold up every assignment that this
 * process is about to make. The caller lets others have their turn after each slice.
 */
export function* planInSlices(snapshot: FleetSnapshot): Generator<void, FleetPlan> {
  if (snapshot.observing) return { actions: [], decisions: observe(snapshot) };
  const actions: FleetAction[] = [];
  for (const part of partsOf(snapshot)) {
    actions.push(...planOverdue(part));
    yield;
  }
  const overdue = retiredNodes(actions);
  for (const part of partsOf(snapshot)) {
    actions.push(...planDrains(part, overdue));
    yield;
  }
  const supply = yield* planSupply(snapshot, retiredNodes(actions));
  return { actions: [...actions, ...supply.actions], decisions: supply.decisions };
}

/** The snapshot again and again, each time with other nodes: for what is judged node by node. */
function* partsOf(snapshot: FleetSnapshot): Generator<FleetSnapshot> {
  for (let start = 0; start < snapshot.nodes.length; start += SLICE_NODES) {
    yield { ...snapshot, nodes: snapshot.nodes.slice(start, start + SLICE_NODES) };
  }
}
