import { abortReason, type Clock, nextTurn, systemClock, type Timer } from '../clock.ts';

/** Turns of the event loop that everybody gets between two timers: promises, pipes and files are through by then. */
const TURNS = 5;
/** Timers that strike in one moment: more of them are a loop that never rests. */
const MOST_IN_ONE_MOMENT = 10_000;

interface Waiting {
  at_ms: number;
  callback: () => void;
  /** Null for those that strike once. */
  readonly interval_ms: number | null;
}

export interface VirtualClockOptions {
  /** Wall time at the beginning, milliseconds since 1970. */
  readonly start_ms?: number;
  /** Lets everything else come to rest after each timer: a few turns of the event loop when it is left out. */
  readonly settle?: () => Promise<void>;
}

/** A clock whose time moves only when it is told. */
export interface VirtualClock extends Clock {
  /**
   * Moves time on. Each timer that is due meanwhile strikes at its own time, in order; what it causes comes to rest
   * before the next one, and may set timers that are due as well.
   */
  advance(duration_ms: number): Promise<void>;
  /**
   * Moves time on from timer to timer until the work is done, and answers as it does: for waits that a test does not
   * count, such as retries with pauses. What the work waits for besides must come within the rest between two timers,
   * or no timer must mind: a database's answer comes late for a clock that runs as fast as it can.
   */
  drive<T>(work: Promise<T>): Promise<T>;
  /** How many timers and sleeps wait. */
  waiting(): number;
  /** In how long the next one is due; null when none waits. */
  next_ms(): number | null;
}

/** For a test: timers strike and sleeps end when it says so, never by themselves, and none strikes early on a busy machine. */
export function virtualClock(options: VirtualClockOptions = {}): VirtualClock {
  return new Virtual(options);
}

class Virtual implements VirtualClock {
  readonly #start_ms: number;
  readonly #settle: () => Promise<void>;
  /** In the order in which they were set: of one moment, the first set strikes first. */
  readonly #timers = new Set<Waiting>();
  #passed_ms = 0;

  constructor({ start_ms = Date.UTC(2026, 0, 1), settle = severalTurns }: VirtualClockOptions) {
    this.#start_ms = start_ms;
    this.#settle = settle;
  }

  now_ms(): number {
    return this.#start_ms + this.#passed_ms;
  }

  monotonic_ms(): number {
    return this.#passed_ms;
  }

  sleep(duration_ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(abortReason(signal));
        return;
      }
      const timer = this.after(duration_ms, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      function onAbort(): void {
        timer.stop();
        reject(abortReason(signal as AbortSignal));
      }
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  after(delay_ms: number, callback: () => void): Timer {
    return this.#set(delay_ms, callback, null);
  }

  every(interval_ms: number, callback: () => void): Timer {
    return this.#set(interval_ms, callback, Math.max(1, interval_ms));
  }

  async advance(duration_ms: number): Promise<void> {
    if (!(duration_ms >= 0)) throw new Error(`time does not go back: ${duration_ms} ms`);
    const until_ms = this.#passed_ms + duration_ms;
    await this.#settle();
    let moment_ms = -1;
    for (let struck = 0; ; struck += 1) {
      const next = this.#next();
      if (next === null || next.at_ms > until_ms) break;
      if (this.#passed_ms > moment_ms) struck = 0;
      moment_ms = this.#passed_ms;
      if (struck > MOST_IN_ONE_MOMENT) throw new Error(`timers of ${this.#passed_ms} ms set each other without end`);
      await this.#strike(next);
    }
    this.#passed_ms = until_ms;
  }

  async drive<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const watched = work.finally(() => {
      done = true;
    });
    watched.catch(() => undefined);
    for (;;) {
      await this.#settle();
      if (done) return await watched;
      const next = this.#next();
      if (next !== null) await this.#strike(next);
      // Something else is waited for: the processor is for that.
      else await systemClock.sleep(1);
    }
  }

  waiting(): number {
    return this.#timers.size;
  }

  next_ms(): number | null {
    const next = this.#next();
    return next === null ? null : Math.max(0, next.at_ms - this.#passed_ms);
  }

  #set(delay_ms: number, callback: () => void, interval_ms: number | null): Timer {
    const waiting: Waiting = { at_ms: this.#passed_ms + Math.max(0, delay_ms), callback, interval_ms };
    this.#timers.add(waiting);
    return { stop: () => void this.#timers.delete(waiting) };
  }

  #next(): Waiting | null {
    let next: Waiting | null = null;
    for (const timer of this.#timers) if (next === null || timer.at_ms < next.at_ms) next = timer;
    return next;
  }

  async #strike(timer: Waiting): Promise<void> {
    this.#passed_ms = Math.max(this.#passed_ms, timer.at_ms);
    this.#timers.delete(timer);
    if (timer.interval_ms !== null) {
      timer.at_ms += timer.interval_ms;
      this.#timers.add(timer);
    }
    timer.callback();
    await this.#settle();
  }
}

async function severalTurns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await nextTurn();
}
