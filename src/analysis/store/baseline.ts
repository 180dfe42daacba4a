import { sql } from 'kysely';
import type { BuildId, ProjectId } from '../../base/ids.ts';
import type { Db } from '../../store/schema/database.ts';
import { type BuildRow, iso } from './builds.ts';

/** Builds without results that are passed over on the way to one with them; further back nothing is looked for. */
const LOOKED_AT = 1000;

/**
 * The build that each of these is compared with when nobody says otherwise: the newest one before it of the same
 * project that is finished and has results of at least one run. One without results would hide whatever broke, since
 * against it nothing can differ. A build without one is not in the map.
 *
 * Of each project the builds are to be without gaps, as in a list of its newest ones.
 */
export async function baselinesOf(
  db: Db,
  builds: readonly { build_id: BuildId; project_id: ProjectId }[],
): Promise<Map<BuildId, BuildRow>> {
  const found = await sql<BuildRow>`
    with wanted as (
      select project_id, max(build_id) as newest, count(*) as builds
      from unnest(${builds.map((build) => build.project_id)}::bigint[], ${builds.map((build) => build.build_id)}::bigint[])
        as given (project_id, build_id)
      group by project_id
    )
    select baseline.* from wanted
    cross join lateral (
      select build_names.id as build_id, build_names.project_id, version, ${iso('created_at')} as created_at,
        ${iso('finished_at')} as finished_at
      from (
        select id, project_id, version, created_at, finished_at from build_names
        where project_id = wanted.project_id and id < wanted.newest and finished_at is not null
        order by id desc limit ${LOOKED_AT} + wanted.builds
      ) as build_names
      where exists (
        select from job_runs join run_counts on run_counts.run_id = job_runs.id
        where job_runs.build_id = build_names.id and run_counts.tests > 0
      )
      order by build_names.id desc limit wanted.builds
    ) as baseline`.execute(db);
  const baselines = new Map<BuildId, BuildRow>();
  for (const { build_id, project_id } of builds) {
    const baseline = found.rows.find((row) => row.project_id === project_id && row.build_id < build_id);
    if (baseline !== undefined) baselines.set(build_id, baseline);
  }
  return baselines;
}
