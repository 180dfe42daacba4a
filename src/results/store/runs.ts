import { type Insertable, sql } from 'kysely';
import type { RunId } from '../../base/ids.ts';
import type { Tx } from '../../store/schema/database.ts';
import type { RunChunksTable, RunResultsTable } from '../../store/schema/results.ts';

/** Writes the run's row or replaces it; from then to the end of the transaction nobody else writes results of this run. */
export async function upsertRunResults(tx: Tx, row: Insertable<RunResultsTable>): Promise<void> {
  const { run_id: _, ...rest } = row;
  await tx
    .insertInto('run_results')
    .values(row)
    .onConflict((conflict) =>
      conflict.column('run_id').doUpdateSet({ ...rest, committed_at: sql<Date>`groundcrew_now()` }),
    )
    .execute();
}

export async function deleteRunChunks(tx: Tx, run_id: RunId): Promise<void> {
  await tx.deleteFrom('run_chunks').where('run_id', '=', run_id).execute();
}

export async function deleteRunFailures(tx: Tx, run_id: RunId): Promise<void> {
  await tx.deleteFrom('run_failures').where('run_id', '=', run_id).execute();
}

export async function deleteRunTraces(tx: Tx, run_id: RunId): Promise<void> {
  await tx.deleteFrom('run_traces').where('run_id', '=', run_id).execute();
}

export async function insertRunChunks(tx: Tx, rows: readonly Insertable<RunChunksTable>[]): Promise<void> {
  await tx.insertInto('run_chunks').values(rows).execute();
}

/** Rows as a JSON array of `FailureRow`: one parameter, however many rows. */
export async function insertRunFailures(tx: Tx, run_id: RunId, rows: string): Promise<void> {
  await sql`
    insert into run_failures (run_id, position, occurrence, status, attempts, failed_attempts, trace_block, trace_index,
      cut_characters, duration_ms, suite, name, message, location)
    select ${run_id}::bigint, position, occurrence, status, attempts, failed_attempts, trace_block, trace_index,
      cut_characters, duration_ms, suite, name, message, location
    from json_to_recordset(${rows}::json) as row (position int, occurrence int, status smallint, attempts int,
      failed_attempts int, trace_block int, trace_index int, cut_characters int, duration_ms real, suite text,
      name text, message text, location text)`.execute(tx);
}

export async function insertRunTraces(tx: Tx, run_id: RunId, block: number, traces: Buffer): Promise<void> {
  await tx.insertInto('run_traces').values({ run_id, block, traces }).execute();
}
