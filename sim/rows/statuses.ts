import { dateFrom } from '../../src/base/clock.ts';
import type { FaultClass } from '../../src/base/faults.ts';
import { poolKey } from '../../src/nodes/snapshot.ts';
import type { PoolStatus } from '../../src/nodes/store/status.ts';
import { BACKOFF_FIRST_MS, BACKOFF_MOST_MS } from '../../src/nodes/store/status.ts';
import type { Tables } from './tables.ts';

// As `src/nodes/store/status.ts`, and what `markReady` notes of a sound node type.

type Pool = { provider: string; node_type: string };
type KnownPool = PoolStatus & { succeeded_at: number | null };

function knownPool(tables: Tables, { provider, node_type }: Pool): KnownPool {
  const known = tables.pools.get(poolKey({ provider, node_type }));
  if (known !== undefined) return known;
  const none = { fault: null, message: null, failed_at: null, retry_at: null, launch_ms: null, succeeded_at: null };
  const fresh: KnownPool = { provider, node_type, failures: 0, ...none };
  tables.pools.set(poolKey(fresh), fresh);
  return fresh;
}

/** Nodes that were planned before the last failure was known count with it. */
export function recordPoolFailure(
  tables: Tables,
  failure: Pool & { fault: FaultClass; message: string; planned_at_ms: number; pause_ms: number },
): void {
  const known = knownPool(tables, failure);
  known.fault = failure.fault;
  known.message = failure.message;
  const failed_at_ms = known.failed_at?.getTime() ?? Number.NEGATIVE_INFINITY;
  if (known.failures > 0 && failed_at_ms > failure.planned_at_ms) return;
  const backoff_ms = Math.min(BACKOFF_MOST_MS, BACKOFF_FIRST_MS * 2 ** Math.min(known.failures, 20));
  known.failures += 1;
  known.failed_at = dateFrom(tables.now_ms());
  known.retry_at = dateFrom(tables.now_ms() + Math.max(failure.pause_ms, backoff_ms));
}

/** Nothing of the node type failed: quota and capacity. */
export function pausePool(
  tables: Tables,
  pause: Pool & { fault: FaultClass; message: string; pause_ms: number },
): void {
  const known = knownPool(tables, pause);
  known.fault = pause.fault;
  known.message = pause.message;
  known.retry_at = dateFrom(Math.max(known.retry_at?.getTime() ?? 0, tables.now_ms() + pause.pause_ms));
}

/** Once in a while is enough for a node type that is known to be sound. */
export function notePoolSound(tables: Tables, pool: Pool, took_ms: number): void {
  const known = knownPool(tables, pool);
  const succeeded_at = known.succeeded_at ?? Number.NEGATIVE_INFINITY;
  if (known.failures === 0 && known.retry_at === null && succeeded_at > tables.now_ms() - 2_000) return;
  known.failures = 0;
  known.fault = null;
  known.message = null;
  known.retry_at = null;
  known.succeeded_at = tables.now_ms();
  known.launch_ms = known.launch_ms === null ? took_ms : known.launch_ms * 0.8 + took_ms * 0.2;
}
