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
 * planned here is counted at once.
 */
export function planSupply(snapshot: FleetSnapshot, retired: ReadonlySet<NodeId>): FleetAction[] {
  const available = snapshot.nodes.filter(
    (node) => !retired.has(node.id) && (node.state === 'ready' || COMING_STATES.includes(node.state)),
  );
  const pledges = new Pledges(available);
  const capacity = new Capacity(snapshot, retired);
  const actions = planDemand(snapshot, pledges, capacity);
  const gone = retiredNodes(actions);
  const idle = pledges.idle().filter((node) => !gone.has(node.id));
  const aged = planAged(snapshot, idle, capacity);
  const old = retiredNodes(aged);
  const kept = idle.filter((node) => !old.has(node.id));
  return [
    ...actions,
    ...aged,
    ...planWarm(snapshot, kept, pledges.coming(), capacity),
    ...planSurplus(snapshot, kept, pledges.coming()),
  ];
}
