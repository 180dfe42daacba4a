import { sql } from 'kysely';
import type { BuildId, JobId, ProjectId, RunId } from '../../base/ids.ts';
import type { BuildReference } from '../../protocol/results.ts';
import type { Db } from '../../store/schema/database.ts';

interface BuildColumns {
  id: BuildId;
  project_id: ProjectId;
  version: string;
  created_at: Date;
  finished_at: Date | null;
}

/** As answers name it. */
export function referenceOf(build: BuildColumns): BuildReference {
  const { id, version, created_at, finished_at } = build;
  return {
    build_id: id,
    version,
    created_at: created_at.toISOString(),
    finished_at: finished_at?.toISOString() ?? null,
  };
}

/** Some builds by their ids. */
export async function buildsById(db: Db, build_ids: readonly BuildId[]): Promise<Map<BuildId, BuildColumns>> {
  const rows = await db
    .selectFrom('builds')
    .select(['id', 'project_id', 'version', 'created_at', 'finished_at'])
    .where('id', '=', sql<BuildId>`any(${build_ids}::bigint[])`)
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** The newest finished build of the project before this one; null when there is none. */
export async function finishedBefore(db: Db, project_id: ProjectId, build_id: BuildId): Promise<BuildColumns | null> {
  const row = await db
    .selectFrom('builds')
    .select(['id', 'project_id', 'version', 'created_at', 'finished_at'])
    .where('project_id', '=', project_id)
    .where('id', '<', build_id)
    .where('finished_at', 'is not', null)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
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
}

/** For each job name and environment of these builds its newest run: of all runs, or of the finished ones. */
export async function newestRuns(db: Db, build_ids: readonly BuildId[], only_finished: boolean): Promise<JobRunRow[]> {
  return await db
    .selectFrom('jobs')
    .innerJoin('environments', 'environments.id', 'jobs.environment_id')
    .innerJoin('runs', 'runs.job_id', 'jobs.id')
    .distinctOn(['jobs.build_id', 'environments.name', 'jobs.name'])
    .select(['jobs.build_id', 'environments.name as environment', 'jobs.name as job', 'jobs.id as job_id'])
    .select(['runs.id as run_id', 'runs.attempt', 'runs.state', 'runs.verdict', 'runs.reason'])
    .where('jobs.build_id', '=', sql<BuildId>`any(${build_ids}::bigint[])`)
    .$if(only_finished, (query) => query.where('runs.state', '=', 'finished'))
    .orderBy('jobs.build_id')
    .orderBy('environments.name')
    .orderBy('jobs.name')
    .orderBy('jobs.id', 'desc')
    .orderBy('runs.attempt', 'desc')
    .execute();
}
