import { GroundcrewError } from '../base/errors/error.ts';
import type { BuildId, RunId } from '../base/ids.ts';
import type { BuildSummary, EnvironmentSummary, JobSummary, StatusCounts } from '../protocol/results.ts';
import { TEST_STATUSES } from '../results/state.ts';
import type { Db } from '../store/schema/database.ts';
import { baselinesOf } from './store/baseline.ts';
import { buildsById, type JobRunRow, newestRuns, referenceOf } from './store/builds.ts';
import { countsByRun, type RunCounts } from './store/counts.ts';

/** A build by its environments: the newest run of each job, and what they came to together. Errors: GC1707. */
export async function buildSummary(db: Db, build_id: BuildId): Promise<BuildSummary> {
  const build = (await buildsById(db, [build_id])).get(build_id);
  if (build === undefined) throw new GroundcrewError('GC1707', { build: build_id });
  const [runs, baselines] = await Promise.all([newestRuns(db, [build_id], false), baselinesOf(db, [build])]);
  const baseline = baselines.get(build_id);
  const results = await countsByRun(
    db,
    runs.map((run) => run.run_id),
  );
  const names = [...new Set(runs.map((run) => run.environment))];
  const environments = names.map((name) => {
    const own = runs.filter((run) => run.environment === name);
    return environmentSummary(name, own, results);
  });
  return {
    build: referenceOf(build),
    baseline: baseline === undefined ? null : referenceOf(baseline),
    counts: sumCounts(environments.map((environment) => environment.counts)),
    tests: environments.reduce((sum, environment) => sum + environment.tests, 0),
    environments,
  };
}

function environmentSummary(
  environment: string,
  runs: readonly JobRunRow[],
  results: ReadonlyMap<RunId, RunCounts>,
): EnvironmentSummary {
  const own = runs.flatMap((run) => results.get(run.run_id) ?? []);
  return {
    environment,
    verdict: verdictOf(runs),
    counts: sumCounts(own.map((result) => result.counts)),
    tests: own.reduce((sum, result) => sum + result.tests, 0),
    duration_ms: own.reduce((sum, result) => sum + result.duration_ms, 0),
    jobs: runs.map((run): JobSummary => {
      const { job, run_id, attempt, state, verdict, reason } = run;
      const result = results.get(run_id);
      return {
        ...{ job, run_id, attempt, state, verdict, reason },
        ...{ counts: result?.counts ?? null, partial: result?.partial ?? false },
      };
    }),
  };
}

/** The verdict of an environment from its jobs: what is worst and certain comes first. */
export function verdictOf(runs: readonly Pick<JobRunRow, 'state' | 'verdict'>[]): EnvironmentSummary['verdict'] {
  const verdicts = runs.map((run) => (run.state === 'finished' ? (run.verdict ?? 'infra') : 'running'));
  if (verdicts.some((verdict) => !['passed', 'infra', 'running'].includes(verdict))) return 'failed';
  if (verdicts.includes('running')) return 'running';
  return verdicts.includes('infra') ? 'infra' : 'passed';
}

function sumCounts(all: readonly StatusCounts[]): StatusCounts {
  return Object.fromEntries(
    TEST_STATUSES.map((status) => [status, all.reduce((sum, counts) => sum + counts[status], 0)]),
  ) as StatusCounts;
}
