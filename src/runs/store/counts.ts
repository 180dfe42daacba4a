import { sql } from 'kysely';
import type { Db } from '../../store/schema/database.ts';
import type { RunState } from '../state.ts';

/** How many runs are in each state that is not the last. */
export async function countRunsByState(db: Db): Promise<{ state: RunState; count: number }[]> {
  const { rows } = await sql<{ state: RunState; count: number }>`
    select state, count(*)::int as count from runs where state <> 'finished' group by state order by state`.execute(db);
  return rows;
}

/** Live holds by the project whose run failed: the budget that hold rules share. */
export async function countHoldsByProject(db: Db): Promise<{ project: string; count: number }[]> {
  const { rows } = await sql<{ project: string; count: number }>`
    select projects.slug as project, count(*)::int as count
    from holds join runs on runs.id = holds.run_id join jobs on jobs.id = runs.job_id
    join builds on builds.id = jobs.build_id join projects on projects.id = builds.project_id
    where holds.released_at is null group by projects.slug`.execute(db);
  return rows;
}
