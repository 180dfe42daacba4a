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
      select distinct on (run.build_id, environment.name, run.job) run.build_id, environment.name as environment,
        run.id as run_id,
        case when run.state = 'finished' then coalesce(run.verdict, 'infra') else 'running' end as word
      from job_runs as run
      join environment_names as environment on environment.id = run.environment_id
      where run.build_id = any(${build_ids}::bigint[])
      order by run.build_id, environment.name, run.job, run.job_id desc, run.attempt desc
    ) as newest
    left join run_counts using (run_id)
    group by build_id, environment
    order by build_id, environment`.execute(db);
  return rows;
}
