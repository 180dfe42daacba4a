import type { RunId } from '../../base/ids.ts';

/** Who in this process follows the log of which run. A hint only: followers also look by themselves. */
export class LogGrowth {
  readonly #followers = new Map<RunId, Set<() => void>>();

  /** An agent of this process sent log of the run. */
  grew(run_id: RunId): void {
    for (const wake of this.#followers.get(run_id) ?? []) wake();
  }

  /** Calls whenever it grew; the answer ends that. */
  follow(run_id: RunId, wake: () => void): () => void {
    const wakes = this.#followers.get(run_id) ?? new Set();
    this.#followers.set(run_id, wakes.add(wake));
    return () => {
      wakes.delete(wake);
      if (wakes.size === 0 && this.#followers.get(run_id) === wakes) this.#followers.delete(run_id);
    };
  }
}
