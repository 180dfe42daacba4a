import { type Amount, firstShort, fits, takeFrom } from '../../base/amount.ts';
import type { PoolRoom, ProviderRoom, Verdict } from './room.ts';

/** How many coming nodes a node type may have after so many failed generations: a failing image is probed, not stormed. */
function comingAllowed(failures: number): number {
  if (failures === 0) return Number.POSITIVE_INFINITY;
  return failures === 1 ? 3 : 1;
}

/** Judges a node type by what is counted at this point of the plan. `provider`: undefined when it is not configured. */
export function judge(room: PoolRoom, provider: ProviderRoom | undefined, now_ms: number): Verdict {
  const { pool, need } = room;
  if (provider === undefined) {
    return { kind: 'paused', cause: 'unconfigured', message: 'its provider is not configured', retry_at_ms: null };
  }
  const paused = pauseOf(room, provider, now_ms);
  if (paused !== null) return paused;
  if (pool.limit !== null && room.live >= pool.limit) {
    const figures = { dimension: 'nodes', used: room.live, limit: pool.limit, need: 1, kept: 0 };
    return { kind: 'full', of: 'node_type', ...figures, kept_for: [...room.kept_for] };
  }
  const { ceiling, free, promised, kept_for } = provider;
  if (!fits(ceiling, need)) {
    const dimension = firstShort(ceiling, need) ?? 'nodes';
    return { kind: 'too_large', dimension, need: need[dimension] ?? 0, limit: ceiling[dimension] ?? 0 };
  }
  const left = leftOf(free, promised);
  if (fits(left, need)) {
    return { kind: 'open', failing: pool.failures > 0, warm: room.warm, labels: room.labels.size };
  }
  const dimension = firstShort(free, need) ?? firstShort(left, need) ?? 'nodes';
  const limit = ceiling[dimension] ?? 0;
  return {
    kind: 'full',
    of: 'provider',
    dimension,
    used: limit - (free[dimension] ?? 0),
    limit,
    need: need[dimension] ?? 0,
    kept: promised[dimension] ?? 0,
    kept_for: [...kept_for],
  };
}

function leftOf(free: Amount, promised: Amount): Amount {
  for (const dimension in promised) {
    if (promised[dimension] === 0) continue;
    const left = { ...free };
    takeFrom(left, promised, 1);
    return left;
  }
  return free;
}

function pauseOf({ pool, coming }: PoolRoom, { provider }: ProviderRoom, now_ms: number): Verdict | null {
  if (provider.unusable !== null) {
    return { kind: 'paused', cause: 'unusable', message: provider.unusable.message, retry_at_ms: null };
  }
  if (provider.retry_at_ms !== null && provider.retry_at_ms > now_ms) {
    const { retry_at_ms, message } = provider;
    return { kind: 'paused', cause: 'provider', message: message ?? 'paused', retry_at_ms };
  }
  if (pool.retry_at_ms !== null && pool.retry_at_ms > now_ms) {
    const cause = pool.fault === 'quota' || pool.fault === 'capacity' ? 'quota' : 'backoff';
    return { kind: 'paused', cause, message: pool.message ?? 'paused', retry_at_ms: pool.retry_at_ms };
  }
  if (coming < comingAllowed(pool.failures)) return null;
  const message = 'waiting to see whether its next launch succeeds';
  return { kind: 'paused', cause: 'probe', message, retry_at_ms: null };
}
