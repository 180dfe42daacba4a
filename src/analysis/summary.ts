import { GroundcrewError } from '../base/errors/error.ts';
import type { BuildId, RunId } from '../base/ids.ts';
import type { BuildSummary, BuildVerdict, EnvironmentSummary, JobSummary, StatusCounts } from '../protocol/results.ts';
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
    verdict: verdictOf(runs.map(wordOf)),
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
    verdict: verdictOf(runs.map(wordOf)),
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

function wordOf(run: Pick<JobRunRow, 'state' | 'verdict'>): string {
  return run.state === 'finished' ? (run.verdict ?? 'infra') : 'running';
}

/** What is worst and certain comes first; what did not run to its end is never called passed. */
const ORDER = ['failed', 'running', 'infra', 'cancelled', 'skipped'] as const;

/** The verdict of an environment, or of a build, from those of its runs, or `running`. Nothing at all: `skipped`. */
export function verdictOf(words: readonly string[]): BuildVerdict {
  const found = new Set(words.map((word) => (word === 'timeout' ? 'failed' : word)));
  return ORDER.find((word) => found.has(word)) ?? (found.size === 0 ? 'skipped' : 'passed');
}

/** How many of each status, over several. */
export function sumCounts(all: readonly StatusCounts[]): StatusCounts {
  return Object.fromEntries(
    TEST_STATUSES.map((status) => [status, all.reduce((sum, counts) => sum + counts[status], 0)]),
  ) as StatusCounts;
}
