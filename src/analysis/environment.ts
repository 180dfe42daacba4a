import type { RunId } from '../base/ids.ts';
import type { ChangeKind } from '../results/state.ts';
import { classify } from './classify.ts';
import type { Single, WalkResult } from './walk.ts';

/** Where tests run: a job in an environment. Axes of a matrix other than the environment are told by the job's name. */
export interface Place {
  readonly environment: string;
  readonly job: string;
}

/** A change of one test in one environment. */
export interface EnvironmentChange {
  kind: ChangeKind;
  word: number;
  /** One when it is made; more when the same change of the same test was found in others. */
  places: readonly Place[];
  from_status: number | null;
  to_status: number | null;
  /** Of the later build; of the earlier one for a test that is gone. */
  run_id: RunId;
  position: number;
}

/** Two runs of the same job, one a build. Null where a build has no results of it. */
export interface JobPair {
  job: string;
  from: RunId | null;
  to: RunId | null;
}

/** What the walk over a pair's lists found. */
export interface ComparedPair extends WalkResult {
  pair: JobPair;
}

/**
 * The changes of an environment, whose tests are those of all its jobs: a test that moved from one job to another is
 * neither new nor gone.
 */
export function environmentChanges(environment: string, compared: readonly ComparedPair[]): EnvironmentChange[] {
  const changes: EnvironmentChange[] = [];
  const left = new Map<number, { single: Single; pair: JobPair }[]>();
  for (const { pair, changed, only_from } of compared) {
    const places = [{ environment, job: pair.job }];
    for (const { kind, word, to_position, from_status, to_status } of changed) {
      const place = { places, run_id: pair.to as RunId, position: to_position };
      changes.push({ kind, word, from_status, to_status, ...place });
    }
    for (const single of only_from) left.set(single.word, [...(left.get(single.word) ?? []), { single, pair }]);
  }
  for (const { pair, only_to } of compared) {
    for (const { word, position, status } of only_to) {
      const moved = left.get(word)?.shift();
      const places = [{ environment, job: pair.job }];
      const place = { word, places, to_status: status, run_id: pair.to as RunId, position };
      if (moved !== undefined) {
        const kind = classify(moved.single.status, status);
        if (kind !== null) changes.push({ ...place, kind, from_status: moved.single.status });
      } else if (pair.from !== null) changes.push({ ...place, kind: 'new', from_status: null });
    }
  }
  for (const { single, pair } of [...left.values()].flat()) {
    // Of a job without results in the later build nothing is gone: it is missing.
    if (pair.to === null) continue;
    const { word, position, status } = single;
    const place = { places: [{ environment, job: pair.job }], run_id: pair.from as RunId, position };
    changes.push({ kind: 'gone', word, from_status: status, to_status: null, ...place });
  }
  return changes;
}

/** Pairs the runs of two builds by job; one job left on each side is the same job under another name. */
export function pairJobs(from: ReadonlyMap<string, RunId>, to: ReadonlyMap<string, RunId>): JobPair[] {
  const pairs: JobPair[] = [];
  const onlyFrom = [...from].filter(([job]) => !to.has(job));
  const onlyTo = [...to].filter(([job]) => !from.has(job));
  for (const [job, run] of to) {
    const before = from.get(job);
    if (before !== undefined) pairs.push({ job, from: before, to: run });
  }
  if (onlyFrom.length === 1 && onlyTo.length === 1) {
    const [[, fromRun], [job, toRun]] = [onlyFrom[0] as [string, RunId], onlyTo[0] as [string, RunId]];
    return [...pairs, { job, from: fromRun, to: toRun }];
  }
  for (const [job, run] of onlyFrom) pairs.push({ job, from: run, to: null });
  for (const [job, run] of onlyTo) pairs.push({ job, from: null, to: run });
  return pairs;
}
