import { sql } from 'kysely';
import type { RunId } from '../../base/ids.ts';
import { unpackHalves } from '../../packed/fingerprint.ts';
import type { Db } from '../../store/schema/database.ts';
import type { ListedChunk } from '../walk.ts';

/** The lists of some runs: chunks in order, by run. */
export async function listsOfRuns(db: Db, run_ids: readonly RunId[]): Promise<Map<RunId, ListedChunk[]>> {
  const rows = await db
    .selectFrom('run_lists')
    .select(['run_id', 'chunk_id', 'start', 'tests', 'statuses'])
    .where('run_id', '=', sql<RunId>`any(${run_ids}::bigint[])`)
    .orderBy('run_id')
    .orderBy('ordinal')
    .execute();
  const lists = new Map<RunId, ListedChunk[]>(run_ids.map((run_id) => [run_id, []]));
  for (const { run_id, ...chunk } of rows) lists.get(run_id)?.push(chunk);
  return lists;
}

/** Fingerprints of some chunks: their low halves, or the low and then the high ones. */
export async function fingerprintsOf(
  db: Db,
  chunk_ids: readonly number[],
  halves: 'low' | 'both',
): Promise<Map<number, Uint32Array>> {
  if (chunk_ids.length === 0) return new Map();
  const wanted = halves === 'both' ? sql<Buffer>`fingerprints` : sql<Buffer>`substring(fingerprints for 4 * tests)`;
  const rows = await db
    .selectFrom('chunk_names')
    .select(['id', wanted.as('fingerprints')])
    .where('id', '=', sql<number>`any(${chunk_ids}::bigint[])`)
    .execute();
  return new Map(rows.map((row) => [row.id, unpackHalves(row.fingerprints)]));
}

/** Packed names of some chunks. */
export async function namesOf(db: Db, chunk_ids: readonly number[]): Promise<Map<number, Buffer>> {
  if (chunk_ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('chunk_names')
    .select(['id', 'names'])
    .where('id', '=', sql<number>`any(${chunk_ids}::bigint[])`)
    .execute();
  return new Map(rows.map((row) => [row.id, row.names]));
}

/** What is shown of a test that did not pass. */
export interface FailureBrief {
  run_id: RunId;
  position: number;
  message: string | null;
  location: string | null;
  attempts: number;
  failed_attempts: number;
}

/** Failures at some places. */
export async function failuresAt(
  db: Db,
  places: readonly { run_id: RunId; position: number }[],
): Promise<FailureBrief[]> {
  if (places.length === 0) return [];
  const run_ids = places.map((place) => place.run_id);
  const positions = places.map((place) => place.position);
  const answer = await sql<FailureBrief>`
    select failure.run_id, failure.position, message, location, attempts, failed_attempts
    from unnest(${run_ids}::bigint[], ${positions}::int[]) as place (run_id, position)
    join failure_briefs as failure on failure.run_id = place.run_id and failure.position = place.position`.execute(db);
  return answer.rows;
}
