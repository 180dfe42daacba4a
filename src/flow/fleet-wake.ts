import { messageOf } from '../base/errors/error.ts';
import type { Log } from '../base/log.ts';
import { type Channel, notify } from '../store/notify.ts';
import type { Db } from '../store/schema/database.ts';

/**
 * Wakes allocator or planner, whichever process they are in, after commits that made work for them. Many calls at once
 * become one message, since they take everything that waits anyway; and beside a commit it costs less than within:
 * transactions that notify commit one after the other.
 */
export class Waker {
  readonly #db: Db;
  readonly #log: Log;
  readonly #channel: Channel;
  #sending = false;
  #again = false;

  constructor(db: Db, log: Log, channel: Channel) {
    this.#db = db;
    this.#log = log;
    this.#channel = channel;
  }

  wake(): void {
    if (this.#sending) {
      this.#again = true;
      return;
    }
    this.#sending = true;
    void this.#send();
  }

  async #send(): Promise<void> {
    do {
      this.#again = false;
      await notify(this.#db, this.#channel, '').catch((error: unknown) => {
        // Whoever should have heard it looks by itself within a second.
        this.#log.debug({ channel: this.#channel, error: messageOf(error) }, 'a wake-up could not be sent');
      });
    } while (this.#again);
    this.#sending = false;
  }
}
