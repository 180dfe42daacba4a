import type { RunId } from '../../base/ids.ts';

const FOLLOWERS = new Map<RunId, Set<() => void>>();

/** Wakes those in this process who follow the run's log. A hint only: followers also look by themselves. */
export function logGrew(run_id: RunId): void {
  for (const wake of FOLLOWERS.get(run_id) ?? []) wake();
}

/** Calls whenever an agent of this process sent log of the run; the answer ends that. */
export function onLogGrowth(run_id: RunId, wake: () => void): () => void {
  const wakes = FOLLOWERS.get(run_id) ?? new Set();
  FOLLOWERS.set(run_id, wakes.add(wake));
  return () => {
    wakes.delete(wake);
    if (wakes.size === 0 && FOLLOWERS.get(run_id) === wakes) FOLLOWERS.delete(run_id);
  };
}
