import { sql } from 'kysely';
import type { RunId } from '../../base/ids.ts';
import type { ResultProblem, StatusCounts } from '../../protocol/results.ts';
import type { Db } from '../../store/schema/database.ts';

/** The row of a run that has results. */
export interface RunResultsRow {
  run_id: RunId;
  tests: number;
  suites: number;
  counts: StatusCounts;
  duration_ms: number;
  partial: boolean;
  problems: ResultProblem[];
}

/** Results in short, of the runs among these that have any. */
export async function runResultsOf(db: Db, run_ids: readonly RunId[]): Promise<Map<RunId, RunResultsRow>> {
  if (run_ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('run_results')
    .selectAll()
    .where('run_id', '=', sql<RunId>`any(${run_ids}::bigint[])`)
    .execute();
  return new Map(
    rows.map((row) => {
      const { run_id, tests, suites, duration_ms, partial, problems } = row;
      const counts: StatusCounts = {
        ...{ pass: row.pass_count, fail: row.fail_count, skip: row.skip_count },
        ...{ xfail: row.xfail_count, error: row.error_count, flaky: row.flaky_count },
      };
      return [run_id, { run_id, tests, suites, counts, duration_ms, partial, problems }];
    }),
  );
}

/** Tests by status, of the runs among these that have results. */
export async function countsOfRuns(db: Db, run_ids: readonly RunId[]): Promise<Map<RunId, StatusCounts>> {
  const rows = await runResultsOf(db, run_ids);
  return new Map([...rows.values()].map(({ run_id, counts }) => [run_id, counts]));
}

/** Results of one run in short; null when none were committed. */
export async function runResults(db: Db, run_id: RunId): Promise<RunResultsRow | null> {
  return (await runResultsOf(db, [run_id])).get(run_id) ?? null;
}
