import type { Timer } from '../../src/base/clock.ts';
import type { Context } from '../context.ts';
import type { PayloadProcess } from './command.ts';
import { endProcesses } from './end.ts';
import { findStrays, type ProcessGroup, type StraySearch } from './strays.ts';

/** How often the payload's family is looked at, so that a child is known before its parent is gone. */
const LOOK_INTERVAL_MS = 2_000;

/** All processes of one run (or one pre-flight task): knows them while they run, ends them all. */
export class PayloadProcesses {
  readonly #context: Context;
  readonly #marker: string;
  readonly #groups: ProcessGroup[];
  readonly #known = new Set<string>();
  readonly #looking: Timer;

  /** `marker`: `NAME=value` in the environment of each; `groups`: those that an earlier agent process started. */
  constructor(context: Context, marker: string, groups: readonly { pid: number; start_ticks: number | null }[] = []) {
    this.#context = context;
    this.#marker = marker;
    this.#groups = groups.map((group) => ({ ...group, isReaped: null, isOver: false }));
    context.payloads.add(this);
    this.#looking = context.clock.every(LOOK_INTERVAL_MS, () => void findStrays(this.#search()), { background: true });
  }

  add({ pid, start_ticks, isReaped }: PayloadProcess): void {
    this.#groups.push({ pid, start_ticks, isReaped, isOver: false });
  }

  /** SIGTERM, the grace, SIGKILL; false when a process survived. Stops looking. */
  async end(grace_ms: number): Promise<boolean> {
    const gone = await endProcesses(this.#context, () => this.#search(), grace_ms);
    if (!gone) this.#context.log.error({}, 'a process of the payload cannot be killed');
    return gone;
  }

  stopLooking(): void {
    this.#looking.stop();
    this.#context.payloads.delete(this);
  }

  #search(): StraySearch {
    const { baseline, payloads, settings, shells } = this.#context;
    return {
      marker: this.#marker,
      groups: this.#groups,
      known: this.#known,
      baseline,
      takesAll: settings.isolation !== 'none' && payloads.size === 1,
      spared: shells,
    };
  }
}
