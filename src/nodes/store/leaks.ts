import { sql } from 'kysely';
import type { NodeId } from '../../base/ids.ts';
import type { Step } from '../../providers/contract/calls.ts';
import type { Db, Tx } from '../../store/schema/database.ts';
import type { KnownLeak, LeakKey, SweepRow } from '../plan/sweep.ts';
import { LEAK_SEEN_AGAIN_MS } from '../plan/sweep.ts';
import type { ProviderLease } from './drive.ts';

/** The live rows of a provider, by which its listing is judged. Read them after the listing. */
export async function readSweepRows(db: Db, provider: string): Promise<SweepRow[]> {
  const { rows } = await sql<SweepRow>`
    select id, external_id, machine_stopped_since is not null as stopped from nodes where provider = ${provider} and state <> 'deleted'`.execute(
    db,
  );
  return rows;
}

/** Notes whose machines were found stopped, and whose were and are not any more. */
export async function noteStopped(
  db: Db,
  found: { stopped: readonly NodeId[]; resumed: readonly NodeId[] },
): Promise<void> {
  if (found.stopped.length + found.resumed.length === 0) return;
  await sql`
    update nodes set machine_stopped_since = case when id = any(${found.stopped}) then groundcrew_now() end
    where id in (select id from nodes where id = any(${found.stopped}::text[] || ${found.resumed}::text[])
      order by id for no key update)`.execute(db);
}

/** Leaks that were noted and not destroyed yet. */
export async function readLeaks(db: Db, provider: string): Promise<KnownLeak[]> {
  const { rows } = await sql<KnownLeak>`
    select kind, external_id, extract(epoch from first_seen_at)::float8 * 1000 as first_seen_at_ms,
      agreed_at is not null as agreed
    from leaks where provider = ${provider} and destroyed_at is null`.execute(db);
  return rows;
}

/** Notes a leak as seen now; one that was destroyed before and is there again begins anew. */
export async function noteLeak(
  db: Db,
  leak: { provider: string; external_id: string; kind: string; node_id: NodeId | null; reason: string },
): Promise<void> {
  await sql`
    insert into leaks as known (provider, external_id, kind, node_id, reason)
    values (${leak.provider}, ${leak.external_id}, ${leak.kind}, ${leak.node_id}, ${leak.reason})
    on conflict (provider, kind, external_id) do update set
      last_seen_at = groundcrew_now(), reason = excluded.reason, node_id = excluded.node_id,
      first_seen_at = case when known.destroyed_at is null then known.first_seen_at else groundcrew_now() end,
      agreed_at = case when known.destroyed_at is null and known.node_id is not distinct from excluded.node_id
        then known.agreed_at end,
      step = case when known.destroyed_at is null and known.node_id is not distinct from excluded.node_id
        then known.step end,
      destroyed_at = null`.execute(db);
}

/** What is explained by now, or gone, is no leak. */
export async function forgetLeaks(db: Db, provider: string, leaks: readonly LeakKey[]): Promise<void> {
  if (leaks.length === 0) return;
  await sql`
    delete from leaks where provider = ${provider} and destroyed_at is null and (kind, external_id) in (
      select * from unnest(${leaks.map(({ kind }) => kind)}::text[],
        ${leaks.map(({ external_id }) => external_id)}::text[]))`.execute(db);
}

/**
 * The compare-and-set before a leak is destroyed: seen twice far enough apart, still nobody's machine, and this process
 * still owns the provider. Null: leave it alone; else how far its destruction is.
 */
export async function claimLeak(
  db: Db,
  leak: LeakKey & { node_id: NodeId },
  lease: ProviderLease,
  provider: string,
): Promise<{ step: Step | null } | null> {
  const { rows } = await sql<{ step: Step | null }>`
    update leaks set claimed_at = groundcrew_now()
    where provider = ${provider} and kind = ${leak.kind} and external_id = ${leak.external_id}
      and destroyed_at is null
      and last_seen_at - first_seen_at >= ${LEAK_SEEN_AGAIN_MS} * interval '1 ms'
      and not exists (select 1 from nodes where id = ${leak.node_id} and state <> 'deleted'
        and (external_id is null or external_id = ${leak.external_id}))
      and exists (select 1 from leases where name = ${lease.name} and holder = ${lease.holder}
        and epoch = ${lease.epoch} and expires_at > groundcrew_now())
    returning step`.execute(db);
  return rows[0] ?? null;
}

export interface LeakRow {
  external_id: string;
  kind: string;
  node_id: NodeId | null;
  reason: string;
  first_seen_at: Date;
  agreed_by: string | null;
}

/** Leaks of a provider that are there now, for people: the oldest first. */
export async function listLeaks(db: Db, provider: string): Promise<LeakRow[]> {
  const { rows } = await sql<LeakRow>`
    select external_id, kind, node_id, reason, first_seen_at, case when agreed_at is not null then agreed_by end as agreed_by
    from leaks where provider = ${provider} and destroyed_at is null order by first_seen_at, external_id limit 1000
    `.execute(db);
  return rows;
}

/** These leaks, of those that are there now, may be destroyed whatever their number. Answers which. */
export async function agreeLeaks(
  tx: Tx,
  provider: string,
  external_ids: readonly string[],
  actor: string,
): Promise<string[]> {
  const { rows } = await sql<{ external_id: string }>`
    update leaks set agreed_at = groundcrew_now(), agreed_by = ${actor}
    where provider = ${provider} and external_id = any(${external_ids}) and destroyed_at is null and agreed_at is null
    returning external_id`.execute(tx);
  return rows.map((row) => row.external_id);
}

/** Its destruction will go on from this step, at the next look, in whichever process. */
export async function recordLeakStep(db: Db, provider: string, leak: LeakKey, step: Step): Promise<void> {
  await sql`
    update leaks set step = ${JSON.stringify(step)}::jsonb
    where provider = ${provider} and kind = ${leak.kind} and external_id = ${leak.external_id} and destroyed_at is null
    `.execute(db);
}

/** It is gone. */
export async function leakDestroyed(db: Db, provider: string, leak: LeakKey): Promise<void> {
  await sql`
    update leaks set destroyed_at = groundcrew_now(), step = null
    where provider = ${provider} and kind = ${leak.kind} and external_id = ${leak.external_id}
    `.execute(db);
}
