import { sql } from 'kysely';
import type { Amount } from '../../base/amount.ts';
import type { FaultClass } from '../../base/faults.ts';
import type { Db } from '../../store/schema/database.ts';

/** Longest pause between launches of a node type that keeps failing. */
export const BACKOFF_MOST_MS = 300_000;
export const BACKOFF_FIRST_MS = 1_000;

export interface PoolStatus {
  provider: string;
  node_type: string;
  failures: number;
  fault: FaultClass | null;
  message: string | null;
  failed_at: Date | null;
  retry_at: Date | null;
  launch_ms: number | null;
}

/** How launches of each node type went lately. */
export async function readPoolStatuses(db: Db): Promise<PoolStatus[]> {
  const { rows } = await sql<PoolStatus>`
    select provider, node_type, failures, fault, message, failed_at, retry_at, launch_ms from pool_status`.execute(db);
  return rows;
}

/**
 * A launch of this node type failed. Nodes that were planned before the last failure was known belong to the same
 * generation: they count once, or a pool of fifty would back off fifty times for one bad image.
 */
export async function recordPoolFailure(
  db: Db,
  failure: {
    provider: string;
    node_type: string;
    fault: FaultClass;
    message: string;
    planned_at: Date;
    pause_ms: number;
  },
): Promise<void> {
  await sql`
    insert into pool_status as known (provider, node_type, failures, fault, message, failed_at, retry_at)
    values (${failure.provider}, ${failure.node_type}, 1, ${failure.fault}, ${failure.message}, groundcrew_now(),
      groundcrew_now() + greatest(${BACKOFF_FIRST_MS}, ${failure.pause_ms}::float8) * interval '1 ms')
    on conflict (provider, node_type) do update set
      fault = excluded.fault, message = excluded.message,
      failures = case when known.failures > 0 and known.failed_at > ${failure.planned_at} then known.failures
        else known.failures + 1 end,
      failed_at = case when known.failures > 0 and known.failed_at > ${failure.planned_at} then known.failed_at
        else excluded.failed_at end,
      retry_at = case when known.failures > 0 and known.failed_at > ${failure.planned_at} then known.retry_at
        else groundcrew_now() + greatest(${failure.pause_ms}::float8, least(${BACKOFF_MOST_MS}::float8,
          ${BACKOFF_FIRST_MS}::float8 * power(2, least(known.failures, 20)))) * interval '1 ms' end`.execute(db);
}

/** The node type may not be launched for a while, though nothing of it failed: quota and capacity. */
export async function pausePool(
  db: Db,
  pause: { provider: string; node_type: string; fault: FaultClass; message: string; pause_ms: number },
): Promise<void> {
  await sql`
    insert into pool_status as known (provider, node_type, fault, message, retry_at)
    values (${pause.provider}, ${pause.node_type}, ${pause.fault}, ${pause.message},
      groundcrew_now() + ${pause.pause_ms}::float8 * interval '1 ms')
    on conflict (provider, node_type) do update set
      fault = excluded.fault, message = excluded.message,
      retry_at = greatest(known.retry_at, excluded.retry_at)`.execute(db);
}

export interface ProviderStatus {
  provider: string;
  listed_at: Date | null;
  machines: number;
  strangers: number;
  leaked: number;
  /** The provider's own; what strangers take of them, and what leaks do. */
  limits: Amount;
  strangers_take: Amount;
  leaks_take: Amount;
  fault: FaultClass | null;
  message: string | null;
  fault_since: Date | null;
  retry_at: Date | null;
}

/** What the last look at each provider found. */
export async function readProviderStatuses(db: Db): Promise<ProviderStatus[]> {
  const { rows } = await sql<ProviderStatus>`
    select provider, listed_at, machines, strangers, leaked, limits, strangers_take, leaks_take, fault, message,
      fault_since, retry_at
    from provider_status`.execute(db);
  return rows;
}

/** What a look at a provider found. */
export interface Listing {
  machines: number;
  strangers: number;
  leaked: number;
  limits: Amount;
  strangers_take: Amount;
  leaks_take: Amount;
  /** Why nothing is swept; null: the sweep goes on. */
  alarm: string | null;
}

/** A look at the provider succeeded. An alarm (the sweep's fuse) is shown and pauses nothing. */
export async function recordListing(db: Db, provider: string, listing: Listing): Promise<void> {
  await sql`
    insert into provider_status as known (provider, listed_at, machines, strangers, leaked, limits, strangers_take,
      leaks_take, message, fault_since)
    values (${provider}, groundcrew_now(), ${listing.machines}, ${listing.strangers}, ${listing.leaked},
      ${JSON.stringify(listing.limits)}::jsonb, ${JSON.stringify(listing.strangers_take)}::jsonb,
      ${JSON.stringify(listing.leaks_take)}::jsonb, ${listing.alarm},
      case when ${listing.alarm}::text is not null then groundcrew_now() end)
    on conflict (provider) do update set
      listed_at = excluded.listed_at, machines = excluded.machines, strangers = excluded.strangers,
      leaked = excluded.leaked, limits = excluded.limits, strangers_take = excluded.strangers_take,
      leaks_take = excluded.leaks_take, fault = null, message = excluded.message, retry_at = null,
      fault_since = case when excluded.message is null then null
        else coalesce(known.fault_since, excluded.fault_since) end`.execute(db);
}

/** The provider itself failed: nothing is launched there until the pause is over. */
export async function recordProviderFault(
  db: Db,
  provider: string,
  failure: { fault: FaultClass; message: string; pause_ms: number },
): Promise<void> {
  await sql`
    insert into provider_status as known (provider, fault, message, fault_since, retry_at)
    values (${provider}, ${failure.fault}, ${failure.message}, groundcrew_now(),
      groundcrew_now() + ${failure.pause_ms}::float8 * interval '1 ms')
    on conflict (provider) do update set
      fault = excluded.fault, message = excluded.message, retry_at = excluded.retry_at,
      fault_since = case when known.fault is null then excluded.fault_since
        else coalesce(known.fault_since, excluded.fault_since) end`.execute(db);
}
