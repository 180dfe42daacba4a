import { sql } from 'kysely';
import type { BuildId, ProjectId, RunId } from '../../base/ids.ts';
import type { Db } from '../../store/schema/database.ts';

/** A chunk that may hold a test, and where the low half of its fingerprint was found first. */
export interface PossiblePlace {
  chunk_id: number;
  tests: number;
  /** Counted from 1, in bytes; 0 when it is nowhere. */
  byte: number;
  /** High half of the test that begins at this byte, if one does. */
  high: Buffer;
}

/** The chunks of a project in whose range of keys a test falls, searched for the low half of its fingerprint. */
export async function possiblePlaces(
  db: Db,
  project_id: ProjectId,
  key: Buffer,
  low: Buffer,
): Promise<PossiblePlace[]> {
  const answer = await sql<PossiblePlace>`
    select chunk_id, tests, place.byte, substring(fingerprints from 4 * tests + place.byte for 4) as high
    from project_lists
    cross join lateral (
      select position(${low}::bytea in substring(fingerprints for 4 * tests)) as byte
    ) as place
    where project_id = ${project_id} and first_key <= ${key} and last_key >= ${key} and place.byte > 0`.execute(db);
  return answer.rows;
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
  places: readonly { chunk_id: number; index: number }[],
): Promise<HistoryRow[]> {
  const chunk_ids = places.map((place) => place.chunk_id);
  const indexes = places.map((place) => place.index);
  const answer = await sql<HistoryRow>`
    select run.build_id, environment.name as environment, run.job, run.id as run_id, list.chunk_id, list.start,
      list.statuses,
      case when length(durations) = 1 then durations else substring(durations from place.index + 1 for 1) end as duration
    from unnest(${chunk_ids}::bigint[], ${indexes}::int[]) as place (chunk_id, index)
    join run_lists as list on list.chunk_id = place.chunk_id
    join job_runs as run on run.id = list.run_id
    join environment_names as environment on environment.id = run.environment_id
    where run.state = 'finished' and run.build_id = any(${build_ids}::bigint[])
    order by run.job_id, run.attempt`.execute(db);
  return answer.rows;
}

/** Chunks of the lists of the newest runs with results, each once. */
export async function newestChunks(db: Db, project_id: ProjectId, runs: number): Promise<number[]> {
  const answer = await sql<{ chunk_id: number }>`
    select distinct chunk_id
    from (select run_id from run_counts where project_id = ${project_id} order by run_id desc limit ${runs}) as newest
    join run_lists using (run_id)
    order by chunk_id`.execute(db);
  return answer.rows.map((row) => row.chunk_id);
}
