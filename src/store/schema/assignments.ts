import type { Generated } from 'kysely';
import type { AssignmentId, NodeId, RequestId, RunId } from '../../base/ids.ts';
import type { Stamp } from './base.ts';

/** States and kinds are text here: `assignments/state.ts` gives them their types. */
export interface AssignmentsTable {
  id: Generated<AssignmentId>;
  node_id: NodeId;
  slot: Generated<number>;
  kind: string;
  subject: number;
  ordinal: Generated<number>;
  request_id: RequestId | null;
  fence: number;
  epoch: number;
  state: string;
  reason: string | null;
  offered_at: Stamp;
  acknowledged_at: Date | null;
  acknowledge_by_alive_ms: number | null;
  lease_until_alive_ms: number | null;
  ended_at: Date | null;
}

/** A view: what holds a node now. */
export interface LiveAssignmentsView {
  id: AssignmentId;
  node_id: NodeId;
  slot: number;
  kind: string;
  subject: number;
  ordinal: number;
  request_id: RequestId | null;
  fence: number;
  epoch: number;
  state: string;
  acknowledge_by_alive_ms: number | null;
  lease_until_alive_ms: number | null;
}

/** A view: those of runs, past ones too. */
export interface RunAssignmentsView {
  id: AssignmentId;
  run_id: RunId;
  node_id: NodeId;
  slot: number;
  ordinal: number;
  fence: number;
  epoch: number;
  state: string;
  acknowledge_by_alive_ms: number | null;
  lease_until_alive_ms: number | null;
}

/** A view: all that a node was given, and all that a request got. */
export interface NodeAssignmentsView {
  id: AssignmentId;
  node_id: NodeId;
  slot: number;
  kind: string;
  subject: number;
  ordinal: number;
  request_id: RequestId | null;
  state: string;
}

export interface AssignmentTables {
  assignments: AssignmentsTable;
}

/** For others: they are read, never written. */
export interface AssignmentViews {
  live_assignments: LiveAssignmentsView;
  run_assignments: RunAssignmentsView;
  node_assignments: NodeAssignmentsView;
}
