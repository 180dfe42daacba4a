import { formatDuration } from '../base/units.ts';
import type { Capacity, PoolRoom } from '../nodes/plan/capacity.ts';
import type { FleetSnapshot, NodeSnapshot, PoolSnapshot, Want } from '../nodes/snapshot.ts';
import { COMING_STATES } from '../nodes/state.ts';
import { plural } from './explain-words.ts';

/** What one provider can do for a waiting request. */
export interface ProviderAnswer {
  provider: string;
  kind: 'cannot' | 'paused' | 'full' | 'coming' | 'taken' | 'next';
  text: string;
  /** When a node of it may be ready, milliseconds from now; null: nobody can tell. */
  expected_ms: number | null;
}

/** One answer for each provider, in the order of the configuration. */
export function askProviders(snapshot: FleetSnapshot, capacity: Capacity, wants: readonly Want[]): ProviderAnswer[] {
  return [...snapshot.providers.keys()].map((provider) => {
    const pools = capacity.pools.filter((room) => room.pool.provider === provider);
    const matching = pools.filter((room) => wants.some((want) => want.matches(room.labels)));
    return { provider, ...ask(snapshot, capacity, provider, matching, wants) };
  });
}

type Answer = Omit<ProviderAnswer, 'provider'>;

function ask(
  snapshot: FleetSnapshot,
  capacity: Capacity,
  provider: string,
  matching: readonly PoolRoom[],
  wants: readonly Want[],
): Answer {
  if (matching.length === 0) return { kind: 'cannot', text: cannot(capacity, provider, wants), expected_ms: null };
  const nodes = snapshot.nodes.filter((node) => node.provider === provider && serves(node, wants));
  const coming = nodes.filter((node) => COMING_STATES.includes(node.state));
  if (coming.length > 0) return describeComing(snapshot, matching, coming);
  const ready = nodes.filter((node) => node.state === 'ready');
  if (ready.length > 0) {
    const text = `${plural(ready.length, 'ready node')}, spoken for by requests before it`;
    return { kind: 'taken', text, expected_ms: null };
  }
  const open = matching.find((room) => capacity.paused(room) === null);
  if (open === undefined) return describePause(snapshot, capacity, matching[0] as PoolRoom);
  if (capacity.headroom(open) < 1) return describeFull(snapshot, capacity, open);
  return {
    kind: 'next',
    text: `has room, a node of ${open.pool.node_type} is launched next`,
    expected_ms: open.pool.launch_ms,
  };
}

function serves(node: NodeSnapshot, wants: readonly Want[]): boolean {
  const labels = new Set(node.labels);
  return wants.some((want) => want.matches(labels));
}

function cannot(capacity: Capacity, provider: string, wants: readonly Want[]): string {
  const types = capacity.pools.filter((room) => room.pool.provider === provider);
  const wanted = [...new Set(wants.map((want) => want.expression))].join(' or ');
  if (types.length === 0) return 'cannot: it has no node types';
  return `cannot: no node type there satisfies ${wanted}`;
}

function describeComing(snapshot: FleetSnapshot, pools: readonly PoolRoom[], coming: readonly NodeSnapshot[]): Answer {
  const oldest = coming.reduce((first, node) => (node.created_at_ms < first.created_at_ms ? node : first));
  const pool = pools.find((room) => room.pool.node_type === oldest.node_type)?.pool;
  const since_ms = snapshot.now_ms - oldest.created_at_ms;
  const usual_ms = pool?.launch_ms ?? null;
  const usual = usual_ms === null ? '' : `; usually ${formatDuration(usual_ms)}`;
  const text = `launching ${plural(coming.length, 'node')}, the first is ${oldest.state} since ${formatDuration(since_ms)}${usual}`;
  return { kind: 'coming', text, expected_ms: usual_ms === null ? null : Math.max(0, usual_ms - since_ms) };
}

function describePause(snapshot: FleetSnapshot, capacity: Capacity, room: PoolRoom): Answer {
  const { pool } = room;
  const provider = snapshot.providers.get(pool.provider);
  const retry_at_ms = Math.max(provider?.retry_at_ms ?? 0, pool.retry_at_ms ?? 0);
  const wait_ms = Math.max(0, retry_at_ms - snapshot.now_ms);
  const next = wait_ms > 0 ? `; next try in ${formatDuration(wait_ms)}` : '';
  return {
    kind: 'paused',
    text: `${state(pool)}: ${capacity.paused(room) ?? ''}${next}`,
    expected_ms: pool.launch_ms === null ? null : wait_ms + pool.launch_ms,
  };
}

function state(pool: PoolSnapshot): string {
  if (pool.fault === 'quota' || pool.fault === 'capacity') return `paused, ${pool.fault}`;
  if (pool.failures > 1) return `broken, the last ${pool.failures} tries failed`;
  return 'paused';
}

function describeFull(snapshot: FleetSnapshot, capacity: Capacity, room: PoolRoom): Answer {
  const { pool } = room;
  const atPool = capacity.poolHeadroom(room) < 1;
  const provider = capacity.providers.get(pool.provider);
  const live = atPool ? room.live : (provider?.live ?? 0);
  const limit = atPool ? pool.limit : capacity.providerCeiling(pool.provider);
  const leaving = snapshot.nodes.filter(
    (node) =>
      node.state === 'deleting' && node.provider === pool.provider && (!atPool || node.node_type === pool.node_type),
  ).length;
  const subject = atPool ? `${pool.node_type} is at its limit` : 'at its limit';
  const going = leaving === 0 ? '' : `; ${leaving} of them ${leaving === 1 ? 'is' : 'are'} being deleted`;
  const waits = leaving === 0 ? null : pool.launch_ms;
  return { kind: 'full', text: `${subject}: ${live} of ${limit} nodes in use${going}`, expected_ms: waits };
}
