import { type RawBuilder, sql } from 'kysely';
import type { WorkItemId } from '../../base/ids.ts';
import type { Db, Tx } from '../../store/schema/database.ts';
import {
  type Claim,
  type ClaimedItem,
  type Lane,
  LEASE_MS,
  MOST_LAPSES,
  type NewItem,
  superseded,
} from '../contract.ts';

const LONGEST_ERROR_CHARACTERS = 8_000;

function fromNow(duration_ms: number): RawBuilder<Date> {
  return sql<Date>`groundcrew_now() + ${duration_ms}::float8 * interval '1 millisecond'`;
}

/** The claims as a relation `claim (id, fence)`. */
function unnest(claims: readonly Claim[]): RawBuilder<unknown> {
  const ids = claims.map((claim) => claim.id);
  const fences = claims.map((claim) => claim.fence);
  return sql`unnest(${ids}::bigint[], ${fences}::bigint[]) as claim (id, fence)`;
}

/** PostgreSQL's text holds no zero bytes. */
function errorText(text: string): string {
  return text.replaceAll('\0', '\ufffd').slice(0, LONGEST_ERROR_CHARACTERS);
}

/** Enqueues one item in the caller's transaction; see `enqueueMany`. */
export async function enqueue(db: Db, item: NewItem): Promise<void> {
  await enqueueMany(db, [item]);
}

/**
 * Enqueues, and wakes the workers after the commit. A (kind, key) that is waiting or running stays as it is; a dead one
 * starts anew with this payload.
 */
export async function enqueueMany(db: Db, items: readonly NewItem[]): Promise<void> {
  if (items.length === 0) return;
  // Always in the same order, so that two transactions with the same keys wait for each other instead of deadlocking.
  const rows = [...items].sort((a, b) => (`${a.kind}\n${a.key}` < `${b.kind}\n${b.key}` ? -1 : 1));
  await sql`/* prepared enqueue-items */
    with made as (
      insert into work_items (lane, kind, key, payload, run_at)
      select lane, kind, key, payload, groundcrew_now() + delay_ms * interval '1 millisecond'
        from unnest(${rows.map((row) => row.lane)}::text[], ${rows.map((row) => row.kind)}::text[],
                    ${rows.map((row) => row.key)}::text[], ${rows.map((row) => JSON.stringify(row.payload))}::jsonb[],
                    ${rows.map((row) => row.delay_ms ?? 0)}::float8[]) as item (lane, kind, key, payload, delay_ms)
      on conflict (kind, key) do update
        set state = 'waiting', lane = excluded.lane, payload = excluded.payload, run_at = excluded.run_at,
            failures = 0, lapses = 0, checkpoint = null, error = null, died_at = null
        where work_items.state = 'dead'
      returning lane)
    select pg_notify('groundcrew_queue', lane) from made group by lane`.execute(db);
}

/** What to claim, and by whom. */
export interface ClaimRequest {
  readonly lane: Lane;
  readonly kinds: readonly string[];
  readonly worker: string;
  readonly limit: number;
  /** Items due before this, in microseconds since 1970, are not looked for. Default: all are. */
  readonly from_us?: number;
}

/** A claimed item, and since when it was due. */
export interface ClaimedRow extends ClaimedItem {
  readonly run_at_us: number;
}

/**
 * Claims due items of a lane, oldest first. The fence is bumped by every claim and by every end of one but completion, so
 * that (id, fence) names one claim and only while it lasts. Claimed by others at this moment: skipped.
 */
export async function claimItems(
  db: Db,
  { lane, kinds, worker, limit, from_us = 0 }: ClaimRequest,
): Promise<ClaimedRow[]> {
  const answer = await sql<ClaimedRow>`/* prepared claim-items */
    select * from claim_work_items(${lane}, ${kinds}, ${worker}, ${LEASE_MS}, ${from_us}, ${limit})`.execute(db);
  return answer.rows.sort((a, b) => a.id - b.id);
}

/** Ends items, in the transaction of their effects. Error: GC1217 when any of them was taken over; let it roll back. */
export async function completeItems(db: Db, claims: readonly Claim[]): Promise<void> {
  if (claims.length === 0) return;
  const ids = claims.map((claim) => claim.id);
  const fences = claims.map((claim) => claim.fence);
  const answer = await sql<{ completed: number }>`/* prepared complete-items */
    select complete_work_items(${ids}, ${fences}) as completed`.execute(db);
  if (answer.rows[0]?.completed !== claims.length) throw superseded(claims);
}

/** Keeps progress, in the transaction that made it. Error: GC1217 when the item was taken over; let it roll back. */
export async function checkpointItem(tx: Tx, claim: Claim, data: object): Promise<void> {
  const answer = await sql`
    update work_items
       set checkpoint = ${JSON.stringify(data)}::jsonb, lease_until = ${fromNow(LEASE_MS)},
           lapses = case when checkpoint is distinct from ${JSON.stringify(data)}::jsonb then 0 else lapses end
     where id = ${claim.id} and fence = ${claim.fence}`.execute(tx);
  if (answer.numAffectedRows !== 1n) throw superseded([claim]);
}

/** Renews leases; answers which claims are still good. */
export async function renewItems(db: Db, claims: readonly Claim[]): Promise<Set<WorkItemId>> {
  const answer = await sql<{ id: WorkItemId }>`
    update work_items item set lease_until = ${fromNow(LEASE_MS)}
      from ${unnest(claims)}
     where item.id = claim.id and item.fence = claim.fence
    returning item.id`.execute(db);
  return new Set(answer.rows.map((row) => row.id));
}

/** A handler threw: again after a while, or dead when it was the last try. False when the item was taken over. */
export async function failItem(
  db: Db,
  claim: Claim,
  { error, retry_in_ms }: { error: string; retry_in_ms: number | null },
): Promise<boolean> {
  const dead = retry_in_ms === null;
  const answer = await sql`
    update work_items
       set state = ${dead ? 'dead' : 'waiting'}, fence = fence + 1, failures = failures + 1, error = ${errorText(error)},
           lease_until = null, worker = null, run_at = ${fromNow(retry_in_ms ?? 0)},
           died_at = case when ${dead} then groundcrew_now() end
     where id = ${claim.id} and fence = ${claim.fence}`.execute(db);
  return answer.numAffectedRows === 1n;
}

/**
 * A worker that drains gives back what it could not finish, due at once, with its checkpoint, and wakes another. What is
 * being completed at this moment is skipped, not waited for.
 */
export async function handBackItems(db: Db, claims: readonly Claim[]): Promise<void> {
  await sql`
    with held as materialized (
      select item.id from work_items item
        join ${unnest(claims)} using (id, fence) for update of item skip locked),
    given as (
      update work_items item
         set state = 'waiting', fence = fence + 1, interruptions = interruptions + 1, lease_until = null, worker = null,
             run_at = groundcrew_now()
        from held where item.id = held.id returning lane)
    select pg_notify('groundcrew_queue', lane) from given group by lane`.execute(db);
}

/** Frees what dead workers held, due at once; what keeps killing its workers without progress is dead itself. */
export async function freeLapsedItems(db: Db): Promise<number> {
  const answer = await sql<{ lane: Lane }>`
    with lapsed as materialized (
      select id from work_items where state = 'running' and lease_until < (select groundcrew_now())
       order by lease_until limit 1000 for update skip locked),
    freed as (
      update work_items item
         set state = case when lapses + 1 > ${MOST_LAPSES}::int then 'dead' else 'waiting' end,
             died_at = case when lapses + 1 > ${MOST_LAPSES}::int then groundcrew_now() end,
             error = case when lapses + 1 > ${MOST_LAPSES}::int then
               format('its worker ended %s times in a row without any progress; the last one was %s', lapses + 1, worker)
               else error end,
             fence = fence + 1, lapses = lapses + 1, interruptions = interruptions + 1, lease_until = null, worker = null,
             run_at = groundcrew_now()
        from lapsed where item.id = lapsed.id
      returning lane)
    select lane, pg_notify('groundcrew_queue', lane) from freed`.execute(db);
  return answer.rows.length;
}
