import type { Amount } from '../../base/amount.ts';
import type { NodeId, RequestId } from '../../base/ids.ts';
import { wantOf } from '../../labels/want.ts';
import type { Demand, FleetSnapshot, NodeSnapshot, PoolSnapshot, ProviderSnapshot } from '../snapshot.ts';

export const NOW_MS = 1_000_000_000_000;

/** What a node of these options takes, as the local driver counts it. */
function takesOf({ cores = 0, memory_bytes = 0 }: Readonly<Record<string, unknown>> = {}): Amount {
  return { nodes: 1, cores: cores as number, memory_bytes: memory_bytes as number };
}

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
    takes: takesOf(more.options),
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
    takes: takesOf(more.options),
    ...more,
  };
}

/** The figures of a provider by which most tests differ. */
export interface ProviderFigures {
  limit?: number | null;
  limit_cores?: number | null;
  limit_memory_bytes?: number | null;
  cloud_limit?: number | null;
  strangers?: number;
  leaked?: number;
}

function amountOf(figures: Record<string, number | null | undefined>): Amount {
  const given = Object.entries(figures).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  return Object.fromEntries(given);
}

export function provider(
  name: string,
  figures: ProviderFigures & Partial<Omit<ProviderSnapshot, keyof ProviderFigures>> = {},
): ProviderSnapshot {
  const { limit, limit_cores, limit_memory_bytes, cloud_limit, strangers = 0, leaked = 0, ...more } = figures;
  return {
    name,
    limits: amountOf({ nodes: limit, cores: limit_cores, memory_bytes: limit_memory_bytes }),
    cloud_limits: amountOf({ nodes: cloud_limit }),
    strangers: { nodes: strangers },
    leaked: { nodes: leaked },
    listed_at_ms: NOW_MS,
    retry_at_ms: null,
    message: null,
    unusable: null,
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
