import { sql } from 'kysely';
import type { RunId } from '../../base/ids.ts';
import type { StatusCounts } from '../../protocol/results.ts';
import type { Db } from '../../store/schema/database.ts';

/** Results of a run in short. */
export interface RunCounts {
  counts: StatusCounts;
  tests: number;
  duration_ms: number;
  partial: boolean;
}

/** Of the runs among these that have results. */
export async function countsByRun(db: Db, run_ids: readonly RunId[]): Promise<Map<RunId, RunCounts>> {
  const rows = await db
    .selectFrom('run_counts')
    .select(['run_id', 'tests', 'duration_ms', 'partial'])
    .select(['pass_count as pass', 'fail_count as fail', 'skip_count as skip'])
    .select(['xfail_count as xfail', 'error_count as error', 'flaky_count as flaky'])
    .where('run_id', '=', sql<RunId>`any(${run_ids}::bigint[])`)
    .execute();
  return new Map(
    rows.map(({ run_id, tests, duration_ms, partial, ...counts }) => [run_id, { counts, tests, duration_ms, partial }]),
  );
}
