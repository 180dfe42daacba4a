import { sql } from 'kysely';
import type { BuildId } from '../../base/ids.ts';
import type { StatusCounts } from '../../protocol/results.ts';
import type { Db } from '../../store/schema/database.ts';

/** What the newest runs of the jobs of an environment of a build came to. */
export interface EnvironmentRow extends StatusCounts {
  build_id: BuildId;
  environment: string;
  /** Verdicts of its finished runs, and `running` for others; each once. */
  words: string[];
  tests: number;
}

/** Every environment of these builds in one query, summed up where the rows are. */
export async function environmentRows(db: Db, build_ids: readonly BuildId[]): Promise<EnvironmentRow[]> {
  const { rows } = await sql<EnvironmentRow>`
    select build_id, environment, array_agg(distinct word) as words, coalesce(sum(tests), 0)::int as tests,
      coalesce(sum(pass_count), 0)::int as pass, coalesce(sum(fail_count), 0)::int as fail,
      coalesce(sum(skip_count), 0)::int as skip, coalesce(sum(xfail_count), 0)::int as xfail,
      coalesce(sum(error_count), 0)::int as error, coalesce(sum(flaky_count), 0)::int as flaky
    from (
      select distinct on (jobs.build_id, environments.name, jobs.name) jobs.build_id, environments.name as environment,
        runs.id as run_id,
        case when runs.state = 'finished' then coalesce(runs.verdict, 'infra') else 'running' end as word
      from jobs
      join environments on environments.id = jobs.environment_id
      join runs on runs.job_id = jobs.id
      where jobs.build_id = any(${build_ids}::bigint[])
      order by jobs.build_id, environments.name, jobs.name, jobs.id desc, runs.attempt desc
    ) as newest
    left join run_results using (run_id)
    group by build_id, environment
    order by build_id, environment`.execute(db);
  return rows;
}
