import type { Generated } from 'kysely';
import type { HoldId, NodeId, RequestId, RunId } from '../../base/ids.ts';
import type { NodeFacts, TaskReport } from '../../protocol/agent.ts';
import type { DefaultJson, Json, NullableJson, Stamp } from './base.ts';

/** Rows of the fleet. States are text here: `nodes/state.ts` and `requests/state.ts` give them their types. */
export interface NodesTable {
  id: NodeId;
  provider: string;
  node_type: string;
  labels: string[];
  state: string;
  version: Generated<number>;
  state_since: Stamp;
  deadline: Date | null;
  deadline_alive_ms: number | null;
  options: Json<Record<string, unknown>>;
  takes: DefaultJson<Record<string, number>>;
  external_id: string | null;
  addresses: DefaultJson<string[]>;
  host_keys: DefaultJson<string[]>;
  step: NullableJson<Record<string, unknown>>;
  next_step_at: Date | null;
  claim: Generated<number>;
  boot_timeout_ms: Generated<number>;
  check_timeout_ms: Generated<number>;
  attempts: Generated<number>;
  plan_reason: string;
  end_reason: string | null;
  fault: string | null;
  console: string | null;
  /** One-use tokens of its launch calls; null: one was used, or none was given out. */
  registration_hashes: Buffer[] | null;
  session_hash: Buffer | null;
  session_epoch: Generated<number>;
  agent_seen_alive_ms: number | null;
  facts: NullableJson<NodeFacts>;
  preflight: NullableJson<TaskReport[]>;
  created_at: Stamp;
  launched_at: Date | null;
  ready_at: Date | null;
  assigned_at: Date | null;
  deleted_at: Date | null;
  machine_stopped_since: Date | null;
}

export interface NodeEventsTable {
  id: Generated<number>;
  node_id: NodeId;
  at: Stamp;
  state: string;
  reason: string;
  actor: string;
}

export interface RequestsTable {
  id: Generated<RequestId>;
  expressions: string[];
  state: Generated<string>;
  reason: string | null;
  requester: string;
  priority: Generated<number>;
  run_id: RunId | null;
  created_at: Stamp;
  expires_at: Date | null;
  ended_at: Date | null;
}

export interface HoldsTable {
  id: Generated<HoldId>;
  node_id: NodeId;
  run_id: RunId | null;
  owner: string;
  reason: string;
  rule: string | null;
  until_verdict: Generated<boolean>;
  created_at: Stamp;
  expires_at: Date;
  released_at: Date | null;
  released_by: string | null;
}

export interface LeaksTable {
  provider: string;
  external_id: string;
  kind: string;
  step: NullableJson<Record<string, unknown>>;
  node_id: NodeId | null;
  reason: string;
  first_seen_at: Stamp;
  last_seen_at: Stamp;
  claimed_at: Date | null;
  destroyed_at: Date | null;
  agreed_at: Date | null;
  agreed_by: string | null;
}

export interface ProviderStatusTable {
  provider: string;
  listed_at: Date | null;
  machines: Generated<number>;
  strangers: Generated<number>;
  leaked: Generated<number>;
  limits: DefaultJson<Record<string, number>>;
  strangers_take: DefaultJson<Record<string, number>>;
  leaks_take: DefaultJson<Record<string, number>>;
  fault: string | null;
  message: string | null;
  fault_since: Date | null;
  retry_at: Date | null;
}

export interface ProvidersTable {
  name: string;
  driver: string;
  written: Json<Record<string, unknown>>;
  configured_at: Stamp;
  removed_at: Date | null;
}

export interface PoolStatusTable {
  provider: string;
  node_type: string;
  failures: Generated<number>;
  fault: string | null;
  message: string | null;
  failed_at: Date | null;
  retry_at: Date | null;
  succeeded_at: Date | null;
  launch_ms: number | null;
}

export interface FleetTables {
  nodes: NodesTable;
  node_events: NodeEventsTable;
  requests: RequestsTable;
  holds: HoldsTable;
  leaks: LeaksTable;
  provider_status: ProviderStatusTable;
  providers: ProvidersTable;
  pool_status: PoolStatusTable;
}
