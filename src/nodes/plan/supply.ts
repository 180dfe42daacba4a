import type { NodeId } from '../../base/ids.ts';
import type { FleetSnapshot } from '../snapshot.ts';
import { COMING_STATES } from '../state.ts';
import { type FleetAction, retiredNodes } from './actions.ts';
import { Capacity } from './capacity.ts';
import { planDemand } from './demand.ts';
import { Pledges } from './pledge.ts';
import { planAged, planSurplus, planWarm } from './warm.ts';

/**
 * Launches for waiting requests first, then for warm labels; evictions, ageing and surplus. Never beyond a limit: what is
 * planned here is counted at once. Yields between its parts.
 */
export function* planSupply(snapshot: FleetSnapshot, retired: ReadonlySet<NodeId>): Generator<void, FleetAction[]> {
  const available = snapshot.nodes.filter(
    (node) => !retired.has(node.id) && (node.state === 'ready' || COMING_STATES.includes(node.state)),
  );
  const pledges = new Pledges(available);
  yield;
  const capacity = new Capacity(snapshot, retired);
  yield;
  const actions = planDemand(snapshot, pledges, capacity);
  const gone = retiredNodes(actions);
  yield;
  const idle = pledges.idle().filter((node) => !gone.has(node.id));
  const aged = planAged(snapshot, idle, capacity);
  const old = retiredNodes(aged);
  const kept = idle.filter((node) => !old.has(node.id));
  yield;
  const warm = planWarm(snapshot, kept, pledges.coming(), capacity);
  yield;
  return [...actions, ...aged, ...warm, ...planSurplus(snapshot, kept, pledges.coming())];
}
