import { type Backoff, backoff_ms } from '../../../src/base/backoff.ts';
import type { Context } from '../../context.ts';

const BETWEEN_TRIES: Backoff = { first_ms: 100, longest_ms: 5_000 };

/**
 * Waits between the tries of a transfer. Time while the server is away is free (its own outage must not fail a run);
 * time while it is there and refuses counts, and is bounded by the `transfer_ms` limit.
 */
export class Patience {
  readonly #context: Context;
  readonly #isOpen: () => boolean;
  #failures = 0;
  #spent_ms = 0;

  constructor(context: Context, isOpen: () => boolean) {
    this.#context = context;
    this.#isOpen = isOpen;
  }

  /** False when patience has ended. Throws the signal's reason. */
  async wait(signal: AbortSignal): Promise<boolean> {
    const { clock, random, limits } = this.#context;
    if (this.#spent_ms > limits.transfer_ms) return false;
    const wait_ms = backoff_ms(random, ++this.#failures, BETWEEN_TRIES);
    if (this.#isOpen()) this.#spent_ms += wait_ms;
    await clock.sleep(wait_ms, signal);
    return true;
  }
}
