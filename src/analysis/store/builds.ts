import { sql } from 'kysely';
import type { BuildId, JobId, ProjectId, RunId } from '../../base/ids.ts';
import type { BuildReference } from '../../protocol/results.ts';
import type { Db } from '../../store/schema/database.ts';

/** A build as answers name it, and whose it is. */
export interface BuildRow extends BuildReference {
  build_id: BuildId;
  project_id: ProjectId;
}

/** ISO 8601 in UTC, made by the database: parsing a thousand times here takes longer than the query. */
export const iso = (column: 'created_at' | 'finished_at') =>
  sql<string>`to_char(${sql.ref(`build_names.${column}`)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

function selectBuilds(db: Db) {
  return db
    .selectFrom('build_names')
    .select(['id as build_id', 'project_id', 'version'])
    .select([iso('created_at').as('created_at'), iso('finished_at').$castTo<string | null>().as('finished_at')]);
}

/** Without its project. */
export function referenceOf({ build_id, version, created_at, finished_at }: BuildRow): BuildReference {
  return { build_id, version, created_at, finished_at };
}

/** Some builds by their ids. */
export async function buildsById(db: Db, build_ids: readonly BuildId[]): Promise<Map<BuildId, BuildRow>> {
  const rows = await selectBuilds(db).where('id', '=', sql<BuildId>`any(${build_ids}::bigint[])`).execute();
  return new Map(rows.map((row) => [row.build_id, row]));
}

/** The newest builds of a project, newest first. */
export async function newestBuilds(db: Db, project_id: ProjectId, limit: number): Promise<BuildRow[]> {
  return await selectBuilds(db).where('project_id', '=', project_id).orderBy('id', 'desc').limit(limit).execute();
}

/** The newest run of a job name in an environment of a build. */
export interface JobRunRow {
  build_id: BuildId;
  environment: string;
  job: string;
  job_id: JobId;
  run_id: RunId;
  attempt: number;
  state: string;
  verdict: string | null;
  reason: string | null;
  /** Its files are still to be read. */
  results_pending: boolean;
}

/** For each job name and environment of these builds its newest run: of all runs, or of the finished ones. */
export async function newestRuns(db: Db, build_ids: readonly BuildId[], only_finished: boolean): Promise<JobRunRow[]> {
  return await db
    .selectFrom('job_runs as run')
    .innerJoin('environment_names as environment', 'environment.id', 'run.environment_id')
    .distinctOn(['run.build_id', 'environment.name', 'run.job'])
    .select(['run.build_id', 'environment.name as environment', 'run.job', 'run.job_id', 'run.id as run_id'])
    .select(['run.attempt', 'run.state', 'run.verdict', 'run.reason', 'run.results_pending'])
    .where('run.build_id', '=', sql<BuildId>`any(${build_ids}::bigint[])`)
    .$if(only_finished, (query) => query.where('run.state', '=', 'finished'))
    .orderBy('run.build_id')
    .orderBy('environment.name')
    .orderBy('run.job')
    .orderBy('run.job_id', 'desc')
    .orderBy('run.attempt', 'desc')
    .execute();
}
