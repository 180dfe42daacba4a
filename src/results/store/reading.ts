import { sql } from 'kysely';
import type { RunId } from '../../base/ids.ts';
import type { Db } from '../../store/schema/database.ts';
import type { RunFailuresTable } from '../../store/schema/results.ts';

/** Failures of a run from a position on, in the run's order. */
export async function failuresFrom(
  db: Db,
  run_id: RunId,
  range: { from: number; limit: number },
): Promise<RunFailuresTable[]> {
  return await db
    .selectFrom('run_failures')
    .selectAll()
    .where('run_id', '=', run_id)
    .where('position', '>=', range.from)
    .orderBy('position')
    .limit(range.limit)
    .execute();
}

/** Packed traces of some blocks of a run. */
export async function traceBlocks(db: Db, run_id: RunId, blocks: readonly number[]): Promise<Map<number, Buffer>> {
  const rows = await db
    .selectFrom('run_traces')
    .select(['block', 'traces'])
    .where('run_id', '=', run_id)
    .where('block', '=', sql<number>`any(${blocks}::int[])`)
    .execute();
  return new Map(rows.map((row) => [row.block, row.traces]));
}

/** A chunk of a run's list without its names. */
export interface RunChunkRow {
  start: number;
  tests: number;
  chunk_id: number;
  statuses: Buffer;
  durations: Buffer | null;
}

/** The chunks of a run in order, from the one with this position on. */
export async function runChunksFrom(db: Db, run_id: RunId, position: number): Promise<RunChunkRow[]> {
  return await db
    .selectFrom('run_chunks')
    .innerJoin('result_chunks', 'result_chunks.id', 'run_chunks.chunk_id')
    .select(['start', 'tests', 'chunk_id', 'statuses', 'durations'])
    .where('run_id', '=', run_id)
    .where(sql<boolean>`run_chunks.start + result_chunks.tests > ${position}`)
    .orderBy('ordinal')
    .execute();
}

/** The packed names of one chunk. */
export async function namesOfChunk(db: Db, chunk_id: number): Promise<Buffer> {
  const row = await db.selectFrom('result_chunks').select('names').where('id', '=', chunk_id).executeTakeFirstOrThrow();
  return row.names;
}

/** The packed suites of a run's chunks with its statuses, in order. */
export async function suitesOfRun(
  db: Db,
  run_id: RunId,
): Promise<{ tests: number; suites: Buffer; statuses: Buffer }[]> {
  return await db
    .selectFrom('run_chunks')
    .innerJoin('result_chunks', 'result_chunks.id', 'run_chunks.chunk_id')
    .select(['tests', 'suites', 'statuses'])
    .where('run_id', '=', run_id)
    .orderBy('ordinal')
    .execute();
}
