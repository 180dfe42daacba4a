import type { NodeId, RequestId } from '../../base/ids.ts';
import { wantOf } from '../../labels/want.ts';
import type { Demand, FleetSnapshot, NodeSnapshot, PoolSnapshot, ProviderSnapshot } from '../snapshot.ts';

export const NOW_MS = 1_000_000_000_000;

export function node(id: string, more: Partial<NodeSnapshot> = {}): NodeSnapshot {
  return {
    id: id as NodeId,
    version: 0,
    provider: 'a',
    node_type: 'jammy',
    labels: ['jammy'],
    options: {},
    state: 'ready',
    state_since_ms: NOW_MS - 1_000,
    deadline_ms: null,
    created_at_ms: NOW_MS - 2_000,
    ready_at_ms: NOW_MS - 1_000,
    agent_seen_alive_ms: 0,
    machine_stopped_since_ms: null,
    ...more,
  };
}

export function pool(labels: string[], more: Partial<PoolSnapshot> = {}): PoolSnapshot {
  return {
    provider: 'a',
    node_type: labels.join('-'),
    labels,
    options: {},
    boot_timeout_ms: 60_000,
    check_timeout_ms: 60_000,
    limit: null,
    failures: 0,
    retry_at_ms: null,
    fault: null,
    message: null,
    launch_ms: null,
    ...more,
  };
}

export function provider(name: string, more: Partial<ProviderSnapshot> = {}): ProviderSnapshot {
  const unlimited = { limit: null, cloud_limit: null, limit_cores: null, limit_memory_bytes: null };
  return {
    name,
    ...unlimited,
    strangers: 0,
    leaked: 0,
    listed_at_ms: NOW_MS,
    retry_at_ms: null,
    message: null,
    ...more,
  };
}

/** A demand for a node of each of these label expressions. */
export function demand(id: number, ...labels: string[]): Demand {
  return { request_id: id as RequestId, wants: labels.map(wantOf) };
}

export function fleet(more: Partial<FleetSnapshot> & { targets?: Record<string, number> } = {}): FleetSnapshot {
  const { targets = {}, ...given } = more;
  const pools = given.pools ?? [pool(['jammy'])];
  const names = [...new Set(pools.map((each) => each.provider))];
  return {
    now_ms: NOW_MS,
    alive_ms: 0,
    observing: false,
    labels: new Map(Object.entries(targets).map(([label, ready]) => [label, { ready, max_ready_age_ms: null }])),
    providers: new Map(names.map((name) => [name, provider(name)])),
    pools,
    nodes: [],
    holds: [],
    demand: [],
    ...given,
  };
}
