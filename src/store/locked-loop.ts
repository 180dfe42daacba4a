import type pg from 'pg';
import type { Clock } from '../base/clock.ts';
import { Loop, type TurnEnd } from '../base/loop.ts';
import { type AdvisoryLock, tryAdvisoryLock } from './advisory.ts';
import type { LockName } from './lock-keys.ts';

/** How often a process that waits for the lock tries it. */
const LOCK_RETRY_MS = 2_000;

export interface LockedLoopOptions {
  readonly clock: Clock;
  readonly client_config: pg.ClientConfig;
  readonly lock: LockName;
  readonly period_ms: number;
  /** The least time between two turns. */
  readonly rest_ms: number;
  /** May this process work at all? While it may not, it gives the lock up. Default: yes. */
  mayLead?(): Promise<boolean>;
  /** One turn under the lock; `woken`: somebody called for it. */
  work(woken: boolean): Promise<TurnEnd>;
  /** The lock or the turn failed; the next turn tries again. */
  failed(error: unknown): void;
}

/**
 * A loop that one process of all does at a time. That nothing is done twice is up to what is written (versions, states,
 * fences), not to this lock: one that is lost unnoticed only costs work.
 */
export class LockedLoop {
  readonly #options: LockedLoopOptions;
  readonly #loop: Loop;
  #lock: AdvisoryLock | null = null;
  #next_try_ms = 0;

  constructor(options: LockedLoopOptions) {
    this.#options = options;
    const { clock, period_ms, rest_ms } = options;
    this.#loop = new Loop(clock, { period_ms, rest_ms }, (woken) => this.#turn(woken));
  }

  start(): void {
    this.#loop.start();
  }

  /** At once, or once more after the turn that is under way. */
  wake(): void {
    this.#loop.wake();
  }

  /** Is it this process that works? */
  leads(): boolean {
    return this.#lock?.held() === true;
  }

  /** Ends after the turn that is under way, and gives the lock up. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.#giveUp();
  }

  async #turn(woken: boolean): Promise<TurnEnd> {
    try {
      return (await this.#hasLock()) ? await this.#options.work(woken) : undefined;
    } catch (error) {
      this.#options.failed(error);
      return undefined;
    }
  }

  async #hasLock(): Promise<boolean> {
    const { clock, client_config, lock, mayLead } = this.#options;
    const may = (await mayLead?.()) ?? true;
    if (may && this.leads()) return true;
    await this.#giveUp();
    if (!may || clock.monotonic_ms() < this.#next_try_ms) return false;
    this.#next_try_ms = clock.monotonic_ms() + LOCK_RETRY_MS;
    this.#lock = await tryAdvisoryLock(client_config, lock, clock);
    return this.#lock !== null;
  }

  async #giveUp(): Promise<void> {
    await this.#lock?.release();
    this.#lock = null;
  }
}
