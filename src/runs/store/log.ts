import { sql } from 'kysely';
import type { RunId } from '../../base/ids.ts';
import type { Db, Tx } from '../../store/schema/database.ts';
import { isSessionRun, type SessionRun } from './session.ts';

/** The run's log exists from the moment at which its agent has it. */
export async function openLog(tx: Tx, run_id: RunId): Promise<void> {
  await tx
    .insertInto('run_logs')
    .values({ run_id })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/**
 * Keeps what is new of a piece of log that begins at `offset`: one statement that checks run, fence, node, session
 * epoch and offset together. Answers how many bytes are kept then, or null when the fence or the epoch is not current.
 * A piece that is kept already, that would leave a gap, or that comes after the log was archived changes nothing: the
 * answer tells where to go on.
 */
export async function appendLog(db: Db, at: SessionRun, offset: number, data: Buffer): Promise<number | null> {
  const end = offset + data.length;
  const { rows } = await sql<{ bytes: number }>`
    with log as (
      select run_logs.run_id, run_logs.bytes,
        runs.state = 'running' and run_logs.blob is null
          and ${offset}::bigint <= run_logs.bytes and run_logs.bytes < ${end}::bigint as grows
      from run_logs join runs on runs.id = run_logs.run_id
      where ${isSessionRun(at)} and (runs.state = 'running' or runs.outcome is not null)
      for update of run_logs
    ), grown as (
      update run_logs set bytes = ${end}::bigint from log where run_logs.run_id = log.run_id and log.grows
    ), kept as (
      insert into log_chunks (run_id, start_offset, data)
      select run_id, bytes, substring(${data}::bytea from (bytes - ${offset}::bigint + 1)::int) from log where grows
    )
    select case when grows then ${end}::bigint else bytes end as bytes from log`.execute(db);
  return rows[0]?.bytes ?? null;
}

export interface LogRow {
  bytes: number;
  blob: string | null;
  lines: number | null;
  first_error_offset: number | null;
  first_error_line: number | null;
  /** May it still grow? */
  live: boolean;
}

/** Null when the run never began. */
export async function logOfRun(db: Db, run_id: RunId): Promise<LogRow | null> {
  const row = await db
    .selectFrom('run_logs')
    .innerJoin('runs', 'runs.id', 'run_logs.run_id')
    .select(['bytes', 'blob', 'lines', 'first_error_offset', 'first_error_line', 'runs.state'])
    .where('run_id', '=', run_id)
    .executeTakeFirst();
  if (!row) return null;
  const { state, ...rest } = row;
  return { ...rest, live: state === 'running' };
}

/** The chunk that holds the byte at `offset` and those after it, as far as they reach `most_bytes`; at least one. */
export async function logChunks(
  db: Db,
  run_id: RunId,
  offset: number,
  most_bytes: number,
): Promise<{ start_offset: number; data: Buffer }[]> {
  const { rows } = await sql<{ start_offset: number; data: Buffer }>`
    select start_offset, data from log_chunks where run_id = ${run_id} and start_offset < ${offset + most_bytes}::bigint
      and start_offset >= (select max(start_offset) from log_chunks
        where run_id = ${run_id} and start_offset <= ${offset}::bigint)
    order by start_offset`.execute(db);
  return rows;
}

export interface ArchivedLog {
  blob: string;
  lines: number;
  first_error_offset: number | null;
  first_error_line: number | null;
}

/** The whole log is one object now. False when it was archived before or grew meanwhile. */
export async function setLogArchive(tx: Tx, run_id: RunId, bytes: number, archived: ArchivedLog): Promise<boolean> {
  const result = await tx
    .updateTable('run_logs')
    .set(archived)
    .where('run_id', '=', run_id)
    .where('blob', 'is', null)
    .where('bytes', '=', bytes)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** In the same transaction as `setLogArchive`: readers see the chunks or the object, never neither. */
export async function deleteLogChunks(tx: Tx, run_id: RunId): Promise<void> {
  await tx.deleteFrom('log_chunks').where('run_id', '=', run_id).execute();
}
