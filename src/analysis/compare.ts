import { GroundcrewError } from '../base/errors/error.ts';
import type { BuildId, ProjectId, RunId } from '../base/ids.ts';
import type { Change, Comparison, EnvironmentComparison, MissingResults, UnfinishedRun } from '../protocol/results.ts';
import { CHANGE_KINDS, type ChangeKind, STATUS_OF_BYTE } from '../results/state.ts';
import type { Db } from '../store/schema/database.ts';
import { assignWords } from './difference-words.ts';
import {
  type ComparedPair,
  type EnvironmentChange,
  environmentChanges,
  type JobPair,
  type Place,
  pairJobs,
} from './environment.ts';
import { groupChanges, valuesOf, whereOf } from './group.ts';
import { namesAt } from './names.ts';
import { whyNothingCompared } from './nothing-compared.ts';
import { buildsById, newestRuns, referenceOf } from './store/builds.ts';
import { failuresAt, fingerprintsOf, listsOfRuns } from './store/chunks.ts';
import { type ListedChunk, walk } from './walk.ts';

export interface CompareOptions {
  project_id: ProjectId;
  from: BuildId;
  to: BuildId;
  /** Only these; default: all. */
  environments?: readonly string[];
  /** Changes of each kind that are named. Default 200. */
  limit?: number;
}

type Lists = ReadonlyMap<RunId, ListedChunk[]>;

/**
 * What changed from one build to another: the newest finished run of each job in each environment, tests matched by
 * suite, name and occurrence. Errors: GC1707 when a build is not of this project, GC1709 when both are the same.
 */
export async function compareBuilds(db: Db, options: CompareOptions): Promise<Comparison> {
  const { project_id, from, to, limit = 200 } = options;
  const builds = await buildsById(db, [from, to]);
  const [fromBuild, toBuild] = [from, to].map((id) => {
    const build = builds.get(id);
    if (build?.project_id !== project_id) throw new GroundcrewError('GC1707', { build: id });
    return referenceOf(build);
  }) as [Comparison['from'], Comparison['to']];
  if (from === to) throw new GroundcrewError('GC1709', { version: toBuild.version });
  const [jobs, unfinished] = await Promise.all([pairsByEnvironment(db, options), unfinishedRuns(db, options)]);
  const runs = [...jobs.values()].flat().flatMap((pair) => [pair.from, pair.to]);
  const lists = await listsOfRuns(db, [...new Set(runs.filter((run) => run !== null))]);
  const having = (side: 'from' | 'to'): string[] =>
    [...jobs].filter(([, pairs]) => testsIn(pairs, lists, side) > 0).map(([environment]) => environment);
  const [before, after] = [having('from'), having('to')];
  const environments: EnvironmentComparison[] = [];
  const changes: EnvironmentChange[] = [];
  const compared = new Map<string, ComparedPair[]>();
  for (const [environment, pairs] of jobs) {
    // What only one of them has is missing, neither new nor gone.
    if (!before.includes(environment) || !after.includes(environment)) continue;
    compared.set(environment, await comparePairs(db, pairs, lists));
  }
  await assignWords(db, lists, [...compared.values()].flat());
  for (const [environment, pairs] of compared) {
    const found = environmentChanges(environment, pairs);
    for (const change of found) changes.push(change);
    environments.push(summaryOf(environment, jobs.get(environment) ?? [], lists, found));
  }
  const groups = groupChanges(changes);
  const sides = { from: { build: fromBuild, environments: before }, to: { build: toBuild, environments: after } };
  return {
    from: fromBuild,
    to: toBuild,
    environments,
    counts: countKinds((kind) => groups.get(kind)?.length ?? 0),
    changes: await describe(db, groups, lists, placesOf(compared), limit),
    truncated: [...groups.values()].some((group) => group.length > limit),
    missing: [...jobs].flatMap(([environment, pairs]) => missingOf(environment, pairs, lists)),
    unfinished,
    nothing_compared: environments.length > 0 ? null : whyNothingCompared(sides.from, sides.to),
  };
}

/** Of both builds, the runs whose results are still to come. */
async function unfinishedRuns(db: Db, options: CompareOptions): Promise<UnfinishedRun[]> {
  const { from, to, environments } = options;
  const runs = await newestRuns(db, [from, to], false);
  return runs
    .filter((run) => run.state !== 'finished' || run.results_pending)
    .filter((run) => environments?.includes(run.environment) ?? true)
    .map(({ build_id, environment, job, run_id, state }) => ({
      ...{ build: build_id === from ? ('from' as const) : ('to' as const), environment, job, run_id },
      state: state === 'finished' ? 'results' : state,
    }));
}

/** The runs to compare, of the environments that any of the builds has. */
async function pairsByEnvironment(db: Db, options: CompareOptions): Promise<Map<string, JobPair[]>> {
  const { from, to, environments } = options;
  const runs = await newestRuns(db, [from, to], true);
  const jobsOf = (build: BuildId, environment: string): Map<string, RunId> =>
    new Map(
      runs
        .filter((run) => run.build_id === build && run.environment === environment)
        .map((run) => [run.job, run.run_id]),
    );
  const names = [...new Set(runs.map((run) => run.environment))].filter((name) => environments?.includes(name) ?? true);
  const pairs = new Map<string, JobPair[]>();
  for (const name of names) pairs.set(name, pairJobs(jobsOf(from, name), jobsOf(to, name)));
  return pairs;
}

async function comparePairs(db: Db, pairs: readonly JobPair[], lists: Lists): Promise<ComparedPair[]> {
  const listOf = (run: RunId | null): ListedChunk[] => (run === null ? [] : (lists.get(run) ?? []));
  const compared: ComparedPair[] = [];
  for (const given of pairs) {
    const [before, after] = [listOf(given.from), listOf(given.to)];
    // A run without any results says nothing about its tests.
    const pair: JobPair = {
      job: given.job,
      from: before.length === 0 ? null : given.from,
      to: after.length === 0 ? null : given.to,
    };
    compared.push({
      pair,
      ...(await walk(before, after, (chunk_ids, halves) => fingerprintsOf(db, chunk_ids, halves))),
    });
  }
  return compared;
}

/** Where tests of both builds were held against each other. */
function placesOf(compared: ReadonlyMap<string, readonly ComparedPair[]>): Place[] {
  return [...compared].flatMap(([environment, pairs]) =>
    pairs
      .filter(({ pair }) => pair.from !== null && pair.to !== null)
      .map(({ pair }) => ({ environment, job: pair.job })),
  );
}

function summaryOf(
  environment: string,
  pairs: readonly JobPair[],
  lists: Lists,
  found: readonly EnvironmentChange[],
): EnvironmentComparison {
  const counts = countKinds(() => 0);
  for (const change of found) counts[change.kind]++;
  return { environment, from_tests: testsIn(pairs, lists, 'from'), to_tests: testsIn(pairs, lists, 'to'), counts };
}

function testsIn(pairs: readonly JobPair[], lists: Lists, side: 'from' | 'to'): number {
  return pairs.reduce((total, pair) => total + testsOf(lists, pair[side]), 0);
}

function testsOf(lists: Lists, run: RunId | null): number {
  if (run === null) return 0;
  return (lists.get(run) ?? []).reduce((total, chunk) => total + chunk.tests, 0);
}

function missingOf(environment: string, pairs: readonly JobPair[], lists: Lists): MissingResults[] {
  return pairs.flatMap(({ job, from, to }): MissingResults[] => {
    const [before, after] = [testsOf(lists, from), testsOf(lists, to)];
    if (before > 0 && after === 0) return [{ environment, job, missing_in: 'to', tests: before }];
    if (before === 0 && after > 0) return [{ environment, job, missing_in: 'from', tests: after }];
    return [];
  });
}

function countKinds(count: (kind: ChangeKind) => number): Record<ChangeKind, number> {
  return Object.fromEntries(CHANGE_KINDS.map((kind) => [kind, count(kind)])) as Record<ChangeKind, number>;
}

async function describe(
  db: Db,
  groups: ReadonlyMap<ChangeKind, readonly EnvironmentChange[]>,
  lists: Lists,
  compared: readonly Place[],
  limit: number,
): Promise<Change[]> {
  const shown = [...groups.values()].flatMap((group) => group.slice(0, limit));
  const [names, failures] = await Promise.all([namesAt(db, lists, shown), failuresAt(db, shown)]);
  const failureAt = new Map(failures.map((failure) => [`${failure.run_id} ${failure.position}`, failure]));
  const changes = shown.map((change, index): Change => {
    const { kind, places, run_id, position, from_status, to_status } = change;
    const failure = kind === 'gone' ? undefined : failureAt.get(`${run_id} ${position}`);
    return {
      ...{ kind, ...(names[index] as NonNullable<(typeof names)[0]>) },
      environments: valuesOf(places, 'environment'),
      jobs: valuesOf(places, 'job'),
      where: whereOf(places, compared),
      from_status: statusOf(from_status),
      to_status: statusOf(to_status),
      ...{ run_id, position, message: failure?.message ?? null, location: failure?.location ?? null },
      ...{ attempts: failure?.attempts ?? 1, failed_attempts: failure?.failed_attempts ?? 0 },
    };
  });
  return changes.sort(inOrder);
}

function statusOf(byte: number | null): Change['to_status'] {
  return byte === null ? null : (STATUS_OF_BYTE[byte] ?? null);
}

/** By kind, the worst first, then by name. */
function inOrder(left: Change, right: Change): number {
  const kinds = CHANGE_KINDS.indexOf(left.kind) - CHANGE_KINDS.indexOf(right.kind);
  if (kinds !== 0) return kinds;
  if (left.suite !== right.suite) return left.suite < right.suite ? -1 : 1;
  if (left.name !== right.name) return left.name < right.name ? -1 : 1;
  return left.occurrence - right.occurrence;
}
