import { sql } from 'kysely';
import type { BuildId, EnvironmentId, ProjectId, RunId } from '../src/base/ids.ts';
import type { Db } from '../src/store/schema/database.ts';

/** A project with an environment, for results that no real run produced. */
export async function insertProject(db: Db): Promise<{ project_id: ProjectId; environment_id: EnvironmentId }> {
  const answer = await sql<{ project_id: ProjectId; environment_id: EnvironmentId }>`
    with project as (insert into projects (slug) values ('bench/results') returning id)
    insert into environments (project_id, name) select id, 'jammy' from project
    returning project_id, id as environment_id`.execute(db);
  return answer.rows[0] as { project_id: ProjectId; environment_id: EnvironmentId };
}

/** A finished build with one finished run. */
export async function insertBuild(
  db: Db,
  { project_id, environment_id }: { project_id: ProjectId; environment_id: EnvironmentId },
  version: string,
): Promise<{ build_id: BuildId; run_id: RunId }> {
  const answer = await sql<{ build_id: BuildId; run_id: RunId }>`
    with build as (
      insert into builds (project_id, version, finished_at) values (${project_id}, ${version}, groundcrew_now())
      returning id
    ), submission as (
      insert into submissions (build_id, submitted_by) select id, 'bench' from build returning id, build_id
    ), job as (
      insert into jobs (submission_id, build_id, environment_id, name, expression, spec)
      select id, build_id, ${environment_id}, 'test', 'jammy', '{}' from submission returning id, build_id
    )
    insert into runs (job_id, state) select id, 'waiting' from job
    returning id as run_id, (select id from build) as build_id`.execute(db);
  await sql`update runs set state = 'finished', verdict = 'passed' where state = 'waiting'`.execute(db);
  return answer.rows[0] as { build_id: BuildId; run_id: RunId };
}

/** Bytes of these tables with their indexes and everything else that belongs to them. */
export async function tableBytes(db: Db, tables: readonly string[]): Promise<number> {
  const answer = await sql<{ bytes: number }>`
    select sum(pg_total_relation_size(name::regclass))::bigint as bytes from unnest(${tables}::text[]) as name`.execute(
    db,
  );
  return answer.rows[0]?.bytes ?? 0;
}
