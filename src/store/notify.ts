import { sql } from 'kysely';
import pg from 'pg';
import { type Backoff, backoff_ms } from '../base/backoff.ts';
import type { Clock, Timer } from '../base/clock.ts';
import { messageOf } from '../base/errors/error.ts';
import type { Log } from '../base/log.ts';
import { type Random, systemRandom } from '../base/random.ts';
import type { Db } from './schema/database.ts';

/** What a message is about; the payload is an identifier, or empty for "look again". */
export type Channel = 'allocate' | 'fleet' | 'node' | 'run' | 'queue' | 'build';

const CHANNELS: readonly Channel[] = ['allocate', 'fleet', 'node', 'run', 'queue', 'build'];
const PREFIX = 'groundcrew_';
const BETWEEN_CONNECTIONS: Backoff = { first_ms: 100, longest_ms: 5_000 };
const PULSE_MS = 10_000;

/** The channel's name in the database, for statements that wake as part of what they do (`pg_notify`). */
export function channelName(channel: Channel): string {
  return PREFIX + channel;
}

/** Wakes every process that listens. In a transaction: after its commit, and not at all when it rolls back. */
export async function notify(db: Db, channel: Channel, payload: string): Promise<void> {
  await sql`/* prepared notify */select pg_notify(${PREFIX + channel}, ${payload})`.execute(db);
}

/** Hears a message. `true`, for messages within the process alone: no other process needs to hear it as well. */
export type Subscriber = (payload: string) => unknown;

/** A wake-up is a hint and may be lost: whoever listens looks by itself from time to time, too. */
export interface Listener {
  /** Calls for every message of the channel, and with '' after a lost connection. The answer ends that. */
  on(channel: Channel, callback: Subscriber): () => void;
  /** Calls this process's own subscribers now, without the database. True when one of them answers `true`. */
  callHere(channel: Channel, payload: string): boolean;
  close(): Promise<void>;
}

/** Listens on a connection of its own, for as long as it takes; a connection that breaks is made anew. */
export async function openListener(
  client_config: pg.ClientConfig,
  log: Log,
  clock: Clock,
  random: Random = systemRandom,
): Promise<Listener> {
  const listener = new ReconnectingListener(client_config, log, clock, random);
  await listener.connect();
  return listener;
}

class ReconnectingListener implements Listener {
  readonly #config: pg.ClientConfig;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #callbacks = new Map<Channel, Set<Subscriber>>();
  readonly #closing = new AbortController();
  #client: pg.Client | null = null;
  #pulse: Timer | null = null;
  #reconnecting: Promise<void> = Promise.resolve();

  constructor(config: pg.ClientConfig, log: Log, clock: Clock, random: Random) {
    this.#config = { ...config, application_name: 'groundcrew listener', query_timeout: PULSE_MS };
    this.#log = log;
    this.#clock = clock;
    this.#random = random;
  }

  on(channel: Channel, callback: Subscriber): () => void {
    const callbacks = this.#callbacks.get(channel) ?? new Set();
    this.#callbacks.set(channel, callbacks.add(callback));
    return () => callbacks.delete(callback);
  }

  async connect(): Promise<void> {
    const client = new pg.Client(this.#config);
    client.on('error', () => this.#lost(client));
    client.on('end', () => this.#lost(client));
    client.on('notification', (message) => {
      this.callHere(message.channel.slice(PREFIX.length) as Channel, message.payload ?? '');
    });
    try {
      await client.connect();
      await client.query(CHANNELS.map((channel) => `listen ${PREFIX}${channel}`).join(';'));
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    this.#client = client;
    // A connection that a router forgot looks alive and stays silent: asking finds out.
    this.#pulse = this.#clock.every(PULSE_MS, () => void client.query('select 1').catch(() => this.#lost(client)), {
      background: true,
    });
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the listener was closed'));
    const client = this.#client;
    this.#forget();
    await client?.end().catch(() => undefined);
    await this.#reconnecting;
  }

  callHere(channel: Channel, payload: string): boolean {
    let enough = false;
    for (const callback of [...(this.#callbacks.get(channel) ?? [])]) {
      try {
        if (callback(payload) === true) enough = true;
      } catch (error) {
        this.#log.error({ channel, error: messageOf(error) }, 'a subscriber of the listener failed');
      }
    }
    return enough;
  }

  #forget(): void {
    this.#pulse?.stop();
    this.#pulse = null;
    this.#client = null;
  }

  #lost(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#forget();
    // Not awaited: on a dead network the goodbye may never be answered.
    void client.end().catch(() => undefined);
    if (this.#closing.signal.aborted) return;
    this.#log.warn({}, 'the connection that listens for wake-ups was lost');
    this.#reconnecting = this.#reconnect();
  }

  async #reconnect(): Promise<void> {
    // By chance too: all processes lose their connections together.
    for (let failures = 1; ; failures++) {
      const wait_ms = backoff_ms(this.#random, failures, BETWEEN_CONNECTIONS);
      await this.#clock.sleep(wait_ms, this.#closing.signal).catch(() => undefined);
      if (this.#closing.signal.aborted) return;
      try {
        await this.connect();
        break;
      } catch (error) {
        this.#log.debug({ error: messageOf(error) }, 'still no connection to listen on');
      }
    }
    if (this.#closing.signal.aborted) {
      await this.close();
      return;
    }
    // What was said meanwhile is lost: everybody looks again.
    for (const channel of CHANNELS) this.callHere(channel, '');
  }
}
