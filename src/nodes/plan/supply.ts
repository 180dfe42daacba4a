import type { NodeId } from '../../base/ids.ts';
import { matchWants } from '../../labels/matching.ts';
import { ONLY_OBSERVES } from '../../protocol/observing.ts';
import type { FleetSnapshot, NodeSnapshot } from '../snapshot.ts';
import { COMING_STATES } from '../state.ts';
import { type FleetPlan, retiredNodes } from './actions.ts';
import { Capacity } from './capacity.ts';
import type { Decision } from './decision.ts';
import { planDemand } from './demand.ts';
import { Survey } from './survey.ts';
import { planAged, planSurplus, planWarm } from './warm.ts';

/**
 * Launches for waiting requests first, then for warm labels; evictions, ageing and surplus. Never beyond a limit: what is
 * planned here is counted at once. Yields between its parts.
 */
export function* planSupply(snapshot: FleetSnapshot, retired: ReadonlySet<NodeId>): Generator<void, FleetPlan> {
  const available = snapshot.nodes.filter((node) => !retired.has(node.id));
  const ready = available.filter((node) => node.state === 'ready').sort(oldestReadyFirst);
  const coming = available.filter((node) => COMING_STATES.includes(node.state)).sort(oldestFirst);
  yield;
  const matching = matchWants(snapshot.demand, [ready, coming]);
  const [unwanted = [], more = []] = matching.free;
  yield;
  const capacity = new Capacity(snapshot, retired);
  yield;
  const { actions, decisions } = yield* planDemand(matching, capacity);
  const gone = retiredNodes(actions);
  yield;
  const idle = unwanted.filter((node) => !gone.has(node.id));
  const aged = planAged(snapshot, idle, capacity);
  const old = retiredNodes(aged);
  const kept = idle.filter((node) => !old.has(node.id));
  yield;
  const warm = planWarm(snapshot, kept, more, capacity);
  yield;
  return { actions: [...actions, ...aged, ...warm, ...planSurplus(snapshot, kept, more)], decisions };
}

/** A deployment that only observes does nothing for anybody; what its node types are like is told all the same. */
export function observe(snapshot: FleetSnapshot): Decision[] {
  const survey = new Survey(new Capacity(snapshot, new Set()));
  return snapshot.demand.map(({ request_id, wants }) => {
    const told = wants.map((want) => {
      return { expression: want.expression, served: null, node_types: survey.of(want), others: [] };
    });
    return { request_id, code: 'observing', sentence: ONLY_OBSERVES, data: { wants: told } };
  });
}

function oldestReadyFirst(left: NodeSnapshot, right: NodeSnapshot): number {
  return (left.ready_at_ms ?? 0) - (right.ready_at_ms ?? 0) || compareText(left.id, right.id);
}

function oldestFirst(left: NodeSnapshot, right: NodeSnapshot): number {
  return left.created_at_ms - right.created_at_ms || compareText(left.id, right.id);
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
