import { firstShort, fits, formatAmount, formatFigure } from '../../base/amount.ts';
import { formatDuration } from '../../base/units.ts';
import { satisfies, type Want } from '../../labels/want.ts';
import type { Capacity, PoolRoom, ProviderRoom } from '../../nodes/plan/capacity.ts';
import type { FleetSnapshot, HoldSnapshot, NodeSnapshot, PoolSnapshot } from '../../nodes/snapshot.ts';
import { COMING_STATES } from '../../nodes/state.ts';
import { describeHeld, plural } from './words.ts';

/** What one provider can do for a waiting request. */
export interface ProviderAnswer {
  provider: string;
  kind: 'cannot' | 'paused' | 'full' | 'coming' | 'taken' | 'next';
  text: string;
}

/** One answer for each provider, in the order of the configuration. */
export function askProviders(snapshot: FleetSnapshot, capacity: Capacity, wants: readonly Want[]): ProviderAnswer[] {
  return [...snapshot.providers.keys()].map((provider) => {
    const pools = capacity.pools.filter((room) => room.pool.provider === provider);
    const matching = pools.filter((room) => wants.some((want) => satisfies(want, room.labels)));
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
  if (matching.length === 0) return { kind: 'cannot', text: cannot(capacity, provider, wants) };
  const nodes = snapshot.nodes.filter((node) => node.provider === provider && serves(node, wants));
  const coming = nodes.filter((node) => COMING_STATES.includes(node.state));
  if (coming.length > 0) return describeComing(snapshot, matching, coming);
  const ready = nodes.filter((node) => node.state === 'ready');
  if (ready.length > 0) {
    const text = `${plural(ready.length, 'ready node')}, spoken for by requests before it`;
    return { kind: 'taken', text };
  }
  const open = matching.find((room) => capacity.paused(room) === null);
  if (open === undefined) return describePause(snapshot, capacity, matching[0] as PoolRoom);
  if (capacity.headroom(open) < 1) return describeFull(snapshot, capacity, open);
  return { kind: 'next', text: `has room, a node of ${open.pool.node_type} is launched next` };
}

function serves(node: NodeSnapshot, wants: readonly Want[]): boolean {
  const labels = new Set(node.labels);
  return wants.some((want) => satisfies(want, labels));
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
  return { kind: 'coming', text };
}

function describePause(snapshot: FleetSnapshot, capacity: Capacity, room: PoolRoom): Answer {
  const { pool } = room;
  const provider = snapshot.providers.get(pool.provider);
  const retry_at_ms = Math.max(provider?.retry_at_ms ?? 0, pool.retry_at_ms ?? 0);
  const wait_ms = Math.max(0, retry_at_ms - snapshot.now_ms);
  const next = wait_ms > 0 ? `; next try in ${formatDuration(wait_ms)}` : '';
  return { kind: 'paused', text: `${state(pool)}: ${capacity.paused(room) ?? ''}${next}` };
}

function state(pool: PoolSnapshot): string {
  if (pool.fault === 'quota' || pool.fault === 'capacity') return `paused, ${pool.fault}`;
  if (pool.failures > 1) return `broken, the last ${pool.failures} tries failed`;
  return 'paused';
}

function describeFull(snapshot: FleetSnapshot, capacity: Capacity, room: PoolRoom): Answer {
  const { pool } = room;
  const atPool = capacity.poolHeadroom(room) < 1;
  const nodes = snapshot.nodes.filter(
    (node) => node.provider === pool.provider && (!atPool || node.node_type === pool.node_type),
  );
  const provider = capacity.providers.get(pool.provider);
  if (!atPool && provider !== undefined && !fits(provider.ceiling, room.need)) {
    return { kind: 'cannot', text: `cannot: ${describeExcess(provider, room)}` };
  }
  const subject = atPool ? `${pool.node_type} is at its limit` : 'at its limit';
  const use =
    atPool || provider === undefined ? `${room.live} of ${pool.limit} nodes in use` : describeUse(provider, room);
  const leaving = nodes.filter((node) => node.state === 'deleting').length;
  const going = leaving === 0 ? '' : `; ${leaving} of them ${leaving === 1 ? 'is' : 'are'} being deleted`;
  const holds = holdsOf(snapshot, nodes);
  const first_ms = holds[0] === undefined ? null : Math.max(0, holds[0].expires_at_ms - snapshot.now_ms);
  const held = first_ms === null ? '' : ` (${describeHeld(holds.length, first_ms)}; groundcrew hold list)`;
  return { kind: 'full', text: `${subject}: ${use}${held}${going}` };
}

/** Holds of these nodes, the one that ends first before the others. */
function holdsOf(snapshot: FleetSnapshot, nodes: readonly NodeSnapshot[]): HoldSnapshot[] {
  const held = new Set(nodes.filter((node) => node.state === 'held').map((node) => node.id));
  const holds = snapshot.holds.filter((hold) => held.has(hold.node_id));
  return holds.sort((left, right) => left.expires_at_ms - right.expires_at_ms);
}

/** `8 of 8 cores in use`: of what is too little for one more. */
function describeUse({ free, ceiling }: ProviderRoom, { need, pool }: PoolRoom): string {
  const short = firstShort(free, need) ?? 'nodes';
  const [limit, left] = [ceiling[short] ?? 0, free[short] ?? 0];
  const used = limit - left;
  const whole = formatAmount(short, limit);
  if (short === 'nodes') return `${used} of ${whole} in use`;
  const wanting = left > 0 ? `, and ${pool.node_type} takes ${formatAmount(short, need[short] ?? 0)}` : '';
  // The unit once where it is a word: `4 of 6.5 cores`, `1.0 GiB of 1.5 GiB`.
  const taken = short.endsWith('_bytes') ? formatAmount(short, used) : formatFigure(used);
  return `${taken} of ${whole} in use${wanting}`;
}

/** One node alone is more than the limit. */
function describeExcess({ ceiling }: ProviderRoom, { need, pool }: PoolRoom): string {
  const short = firstShort(ceiling, need) ?? 'nodes';
  const limit = formatAmount(short, ceiling[short] ?? 0);
  if (short === 'nodes') return `its limit is ${limit}`;
  return `${pool.node_type} takes ${formatAmount(short, need[short] ?? 0)}, its limit is ${limit}`;
}
