import type { Clock, Timer } from '../../src/base/clock.ts';

/** The clock as one process has it: nothing of it strikes any more once the process was killed. */
export class ProcessClock implements Clock {
  readonly #clock: Clock;
  readonly #timers = new Set<Timer>();
  #killed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  kill(): void {
    this.#killed = true;
    for (const timer of this.#timers) timer.stop();
    this.#timers.clear();
  }

  now_ms(): number {
    return this.#clock.now_ms();
  }

  monotonic_ms(): number {
    return this.#clock.monotonic_ms();
  }

  /** Never settles once the process was killed. */
  async sleep(duration_ms: number, signal?: AbortSignal): Promise<void> {
    try {
      if (!this.#killed) await this.#clock.sleep(duration_ms, signal);
    } finally {
      if (this.#killed) await never();
    }
  }

  after(delay_ms: number, callback: () => void): Timer {
    return this.#keep((strike) => this.#clock.after(delay_ms, strike), callback);
  }

  every(interval_ms: number, callback: () => void): Timer {
    return this.#keep((strike) => this.#clock.every(interval_ms, strike), callback);
  }

  #keep(set: (strike: () => void) => Timer, callback: () => void): Timer {
    if (this.#killed) return { stop: () => undefined };
    const timer = set(() => {
      if (!this.#killed) callback();
    });
    this.#timers.add(timer);
    return {
      stop: () => {
        this.#timers.delete(timer);
        timer.stop();
      },
    };
  }
}

/** What a killed process waits for. */
export function never(): Promise<never> {
  return new Promise(() => undefined);
}
