import type { Amount } from '../base/amount.ts';
import type { FaultClass } from '../base/faults.ts';
import type { HoldId, NodeId, RequestId } from '../base/ids.ts';
import type { Want } from '../labels/want.ts';
import type { NodeState } from './state.ts';

/** Everything that planning looks at, read once a tick; plain data. Times are the database's, milliseconds since 1970. */
export interface FleetSnapshot {
  now_ms: number;
  /** The clock that runs only while an API process lives: silence of agents is measured on it. */
  alive_ms: number;
  /** Look, but touch nothing. */
  observing: boolean;
  labels: ReadonlyMap<string, LabelTarget>;
  providers: ReadonlyMap<string, ProviderSnapshot>;
  /** In the order of the configuration. */
  pools: readonly PoolSnapshot[];
  /** Every node that is not deleted. */
  nodes: readonly NodeSnapshot[];
  holds: readonly HoldSnapshot[];
  /** Waiting requests, in the order in which they are served. */
  demand: readonly Demand[];
}

export interface LabelTarget {
  ready: number;
  max_ready_age_ms: number | null;
}

export interface ProviderSnapshot {
  name: string;
  /** Configured, for all its nodes together. */
  limits: Amount;
  /** The provider's own, and what others take of them. */
  cloud_limits: Amount;
  strangers: Amount;
  /** What is ours without a row takes, too, until it is gone. */
  leaked: Amount;
  /** When it was last listed; null: never. */
  listed_at_ms: number | null;
  retry_at_ms: number | null;
  message: string | null;
  /** Why this process cannot use it as it is configured; null: it can. */
  unusable: UnusableProvider | null;
}

export interface UnusableProvider {
  message: string;
  /** Its machines are another driver's than the configured one: none may stay. */
  drains: boolean;
}

/** The nodes of one node type of one provider, as configured, and how its launches go. */
export interface PoolSnapshot {
  provider: string;
  node_type: string;
  labels: readonly string[];
  options: Readonly<Record<string, unknown>>;
  /** What one node of it takes of its provider. */
  takes: Amount;
  boot_timeout_ms: number;
  check_timeout_ms: number;
  limit: number | null;
  failures: number;
  retry_at_ms: number | null;
  fault: FaultClass | null;
  message: string | null;
  /** From plan to ready, smoothed; null: never seen. */
  launch_ms: number | null;
}

export interface NodeSnapshot {
  id: NodeId;
  version: number;
  provider: string;
  node_type: string;
  labels: readonly string[];
  options: Readonly<Record<string, unknown>>;
  /** Counted when it was planned. */
  takes: Amount;
  state: NodeState;
  state_since_ms: number;
  deadline_ms: number | null;
  created_at_ms: number;
  ready_at_ms: number | null;
  agent_seen_alive_ms: number | null;
  /** Since when the provider calls its machine stopped; null: it does not. */
  machine_stopped_since_ms: number | null;
}

export interface HoldSnapshot {
  id: HoldId;
  node_id: NodeId;
  owner: string;
  reason: string;
  created_at_ms: number;
  expires_at_ms: number;
}

/** One waiting request: a node for each want, all or nothing. */
export interface Demand {
  request_id: RequestId;
  wants: readonly Want[];
}

/** Names a pool in maps. */
export function poolKey(pool: { provider: string; node_type: string }): string {
  return `${pool.provider}/${pool.node_type}`;
}
