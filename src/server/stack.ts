import { messageOf } from '../base/errors/error.ts';
import type { Log } from '../base/log.ts';

/** What was started, to be stopped in the opposite order, also when a later part does not start. */
export class Stack {
  readonly #stops: (() => Promise<void> | void)[] = [];
  readonly #log: Log;
  #unwinding: Promise<void> | null = null;

  constructor(log: Log) {
    this.#log = log;
  }

  push(stop: () => Promise<void> | void): void {
    this.#stops.push(stop);
  }

  /** Stops everything; asked again, it is the same end. What does not stop cleanly is told and holds up nothing. */
  unwind(): Promise<void> {
    this.#unwinding ??= this.#unwind();
    return this.#unwinding;
  }

  async #unwind(): Promise<void> {
    for (const stop of this.#stops.splice(0).reverse()) {
      try {
        await stop();
      } catch (error) {
        this.#log.warn({ error: messageOf(error) }, 'a part did not stop cleanly');
      }
    }
  }
}
