import type { Clock } from './clock.ts';

/** `calm`: nothing is under way that only time moves on, so that the next look by itself may come later. */
export type TurnEnd = 'calm' | undefined;

/**
 * Calls a piece of work again and again: at least once a period, at once when woken, never twice at the same time. A
 * wake-up during the work means once more after it. The work hears whether it was woken, and handles its own errors.
 */
export class Loop {
  readonly #clock: Clock;
  readonly #period_ms: number;
  readonly #calm_period_ms: number;
  readonly #rest_ms: number;
  readonly #work: (woken: boolean) => Promise<TurnEnd>;
  readonly #stopping = new AbortController();
  #woken = false;
  #sleep: AbortController | null = null;
  #running: Promise<void> = Promise.resolve();

  /**
   * `rest_ms`: the least time between the end of one turn and the next. `calm_period_ms`: the period after a turn that
   * ended calm; default the same.
   */
  constructor(
    clock: Clock,
    timing: { period_ms: number; calm_period_ms?: number; rest_ms: number },
    work: (woken: boolean) => Promise<TurnEnd>,
  ) {
    this.#clock = clock;
    this.#period_ms = timing.period_ms;
    this.#calm_period_ms = timing.calm_period_ms ?? timing.period_ms;
    this.#rest_ms = timing.rest_ms;
    this.#work = work;
  }

  start(): void {
    this.#running = this.#run();
  }

  wake(): void {
    this.#woken = true;
    this.#sleep?.abort(new Error('woken'));
  }

  /** Ends after the work that is under way. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('stopped'));
    this.#sleep?.abort(new Error('stopped'));
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const woken = this.#woken;
      this.#woken = false;
      const end = await this.#work(woken);
      if (this.#rest_ms > 0) await this.#clock.sleep(this.#rest_ms);
      if (this.#woken || this.#stopping.signal.aborted) continue;
      this.#sleep = new AbortController();
      const longest_ms = end === 'calm' ? this.#calm_period_ms : this.#period_ms;
      await this.#clock.sleep(longest_ms, this.#sleep.signal).catch(() => undefined);
      this.#sleep = null;
    }
  }
}
