import { sql } from 'kysely';
import type { BuildId, ProjectId } from '../../base/ids.ts';
import type { Db } from '../../store/schema/database.ts';

export interface ProjectRow {
  id: ProjectId;
  slug: string;
  builds: number;
  last_build: string | null;
  last_build_at: Date | null;
}

/** By name; `after` is the last name of the page before. */
export async function listProjects(db: Db, page: { after: string | null; limit: number }): Promise<ProjectRow[]> {
  const { rows } = await sql<ProjectRow>`
    select projects.id, slug, (select count(*)::int from builds where project_id = projects.id) as builds,
      last.version as last_build, last.created_at as last_build_at
    from projects left join lateral
      (select version, created_at from builds where project_id = projects.id order by id desc limit 1) last on true
    where slug > ${page.after ?? ''} order by slug limit ${page.limit}`.execute(db);
  return rows;
}

/** Null when there is no such project. */
export async function findProject(db: Db, slug: string): Promise<ProjectId | null> {
  const row = await db.selectFrom('projects').select('id').where('slug', '=', slug).executeTakeFirst();
  return row?.id ?? null;
}

export interface BuildRow {
  id: BuildId;
  project_id: ProjectId;
  project: string;
  version: string;
  created_at: Date;
  finished_at: Date | null;
}

export interface BuildFilter {
  project?: string | undefined;
  version?: string | undefined;
  finished?: boolean | undefined;
}

/** Newest first; `before` is the last build of the page before. */
export async function listBuilds(
  db: Db,
  filter: BuildFilter,
  page: { before: number | null; limit: number },
): Promise<BuildRow[]> {
  let query = db
    .selectFrom('builds')
    .innerJoin('projects', 'projects.id', 'builds.project_id')
    .select([
      'builds.id',
      'builds.project_id',
      'projects.slug as project',
      'builds.version',
      'builds.created_at',
      'builds.finished_at',
    ])
    .orderBy('builds.id', 'desc')
    .limit(page.limit);
  if (page.before !== null) query = query.where('builds.id', '<', page.before as BuildId);
  if (filter.project !== undefined) query = query.where('projects.slug', '=', filter.project);
  if (filter.version !== undefined) query = query.where('builds.version', '=', filter.version);
  if (filter.finished === true) query = query.where('builds.finished_at', 'is not', null);
  if (filter.finished === false) query = query.where('builds.finished_at', 'is', null);
  return await query.execute();
}

/** One build by its number, or null. */
export async function findBuild(db: Db, id: BuildId): Promise<BuildRow | null> {
  return (await listBuilds(db, {}, { before: id + 1, limit: 1 })).find((build) => build.id === id) ?? null;
}

/** What an unfinished build waits for: one row a state, `results` for those whose files are still being read. */
export async function whatBuildWaitsFor(db: Db, build_id: BuildId): Promise<{ state: string; count: number }[]> {
  const { rows } = await sql<{ state: string; count: number }>`
    select case when state = 'finished' then 'results' else state end as state, count(*)::int as count
    from job_runs where build_id = ${build_id} and (state <> 'finished' or results_pending)
    group by 1 order by 1`.execute(db);
  return rows;
}
