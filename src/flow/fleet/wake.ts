import { messageOf } from '../../base/errors/error.ts';
import type { Log } from '../../base/log.ts';
import { type Channel, type Listener, notify } from '../../store/notify.ts';
import type { Db } from '../../store/schema/database.ts';
import type { Ground } from '../services.ts';

/** For the allocator: what there is to look at. Any other text asks for a look as well. */
export const ALLOCATE_WAKE = {
  /** A request was committed. */
  request: 'request',
  /** A node became ready: matters only while requests wait. */
  ready: 'ready',
} as const;

/**
 * Wakes who works in this process or another one, after commits that made work for them. When the one that works is
 * here, no message is sent. Many calls at once become one message, since they take everything that waits anyway; and
 * beside a commit it costs less than within: transactions that notify commit one after the other.
 */
export class Waker {
  readonly #to: { db: Db; listener: Listener; log: Log };
  readonly #channel: Channel;
  readonly #payload: string;
  #sending = false;
  #again = false;

  constructor(to: { db: Db; listener: Listener; log: Log }, channel: Channel, payload: string) {
    this.#to = to;
    this.#channel = channel;
    this.#payload = payload;
  }

  /** Call it after the commit: at once the others look. */
  wake(): void {
    if (this.#to.listener.callHere(this.#channel, this.#payload)) return;
    if (this.#sending) {
      this.#again = true;
      return;
    }
    this.#sending = true;
    void this.#send();
  }

  async #send(): Promise<void> {
    const { db, log } = this.#to;
    do {
      this.#again = false;
      await notify(db, this.#channel, this.#payload).catch((error: unknown) => {
        // Whoever should have heard it looks by itself within a second.
        log.debug({ channel: this.#channel, error: messageOf(error) }, 'a wake-up could not be sent');
      });
    } while (this.#again);
    this.#sending = false;
  }
}

/** A waker over these connections. */
export function wakerOf(ground: Ground, channel: Channel, payload: string): Waker {
  const { connection, listener, log } = ground;
  return new Waker({ db: connection.db, listener, log }, channel, payload);
}
