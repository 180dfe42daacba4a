import { sql } from 'kysely';
import type { BuildId, ProjectId, RunId } from '../../base/ids.ts';
import type { Db } from '../../store/schema/database.ts';

/** A chunk that holds a test, and where. */
export interface TestPlace {
  chunk_id: number;
  /** Of its first occurrence. */
  index: number;
  /** Fingerprints from there on, of at most eight tests. */
  following: Buffer;
}

/**
 * The chunks of a project in which a fingerprint stands, found by the range of keys and then by the bytes. The byte
 * search may stop at a place that is no test's border; that is once in 10^15 tests, and then the chunk is passed over.
 */
export async function placesOfTest(
  db: Db,
  project_id: ProjectId,
  key: Buffer,
  fingerprint: Buffer,
): Promise<TestPlace[]> {
  const answer = await sql<{ chunk_id: number; byte: number; following: Buffer }>`
    select chunk_id, place.byte, substring(fingerprints from place.byte for 64) as following
    from project_chunks
    join result_chunks on result_chunks.id = chunk_id
    cross join lateral (select position(${fingerprint}::bytea in fingerprints) as byte) as place
    where project_id = ${project_id} and first_key <= ${key} and last_key >= ${key} and place.byte > 0`.execute(db);
  return answer.rows
    .filter((row) => row.byte % 8 === 1)
    .map(({ chunk_id, byte, following }) => ({ chunk_id, index: (byte - 1) / 8, following }));
}

/** What a run's list says in a chunk. */
export interface HistoryRow {
  build_id: BuildId;
  environment: string;
  job: string;
  run_id: RunId;
  chunk_id: number;
  start: number;
  statuses: Buffer;
  /** The byte of the first occurrence's duration; null when unknown. */
  duration: Buffer | null;
}

/** Results of finished runs of these builds in these chunks; of one job the newest run comes last. */
export async function historyRows(
  db: Db,
  build_ids: readonly BuildId[],
  places: readonly TestPlace[],
): Promise<HistoryRow[]> {
  const chunk_ids = places.map((place) => place.chunk_id);
  const indexes = places.map((place) => place.index);
  const answer = await sql<HistoryRow>`
    select jobs.build_id, environments.name as environment, jobs.name as job, runs.id as run_id, run_chunks.chunk_id,
      run_chunks.start, run_chunks.statuses,
      case when length(durations) = 1 then durations else substring(durations from place.index + 1 for 1) end as duration
    from unnest(${chunk_ids}::bigint[], ${indexes}::int[]) as place (chunk_id, index)
    join run_chunks on run_chunks.chunk_id = place.chunk_id
    join runs on runs.id = run_chunks.run_id
    join jobs on jobs.id = runs.job_id
    join environments on environments.id = jobs.environment_id
    where runs.state = 'finished' and jobs.build_id = any(${build_ids}::bigint[])
    order by jobs.id, runs.attempt`.execute(db);
  return answer.rows;
}

/** The newest builds of a project, newest first. */
export async function newestBuilds(
  db: Db,
  project_id: ProjectId,
  limit: number,
): Promise<{ id: BuildId; project_id: ProjectId; version: string; created_at: Date; finished_at: Date | null }[]> {
  return await db
    .selectFrom('builds')
    .select(['id', 'project_id', 'version', 'created_at', 'finished_at'])
    .where('project_id', '=', project_id)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

/** Chunks of the lists of the newest runs with results, each once. */
export async function newestChunks(db: Db, project_id: ProjectId, runs: number): Promise<number[]> {
  const answer = await sql<{ chunk_id: number }>`
    select distinct chunk_id
    from (select run_id from run_results where project_id = ${project_id} order by run_id desc limit ${runs}) as newest
    join run_chunks using (run_id)
    order by chunk_id`.execute(db);
  return answer.rows.map((row) => row.chunk_id);
}
