import type { FaultClass } from '../../base/faults.ts';
import type { NodeId, RequestId } from '../../base/ids.ts';
import type { NodeSnapshot, PoolSnapshot } from '../snapshot.ts';
import type { Decision } from './decision.ts';

/** A new row; the provider's owner makes the machine. */
export interface LaunchAction {
  kind: 'launch';
  pool: PoolSnapshot;
  /** The waiting request that it is for; null: to keep a label warm. */
  request_id: RequestId | null;
  reason: string;
}

export type RetireCause = 'overdue' | 'vanished' | 'hold_over' | 'drained' | 'aged' | 'surplus' | 'evicted';

/** A node on its way out; the provider's owner destroys the machine. */
export interface RetireAction {
  kind: 'retire';
  node: NodeSnapshot;
  cause: RetireCause;
  reason: string;
  /** Set when the node failed on its way to be ready: its node type backs off. */
  failure: FaultClass | null;
}

/** A deletion that takes too long: said, and tried on. */
export interface RemindAction {
  kind: 'remind';
  node: NodeSnapshot;
  reason: string;
}

export type FleetAction = LaunchAction | RetireAction | RemindAction;

export function retire(node: NodeSnapshot, cause: RetireCause, reason: string): RetireAction {
  return { kind: 'retire', node, cause, reason, failure: null };
}

/** What is to be done, and what was decided for each waiting request, in their order. */
export interface FleetPlan {
  actions: FleetAction[];
  decisions: Decision[];
}

/** The nodes that these actions take away. */
export function retiredNodes(actions: readonly FleetAction[]): Set<NodeId> {
  const retired = new Set<NodeId>();
  for (const action of actions) if (action.kind === 'retire') retired.add(action.node.id);
  return retired;
}
