import type { Clock } from '../base/clock.ts';
import { describeCauses } from '../base/errors/error.ts';
import type { Log } from '../base/log.ts';
import { type Random, randomName } from '../base/random.ts';
import type { DatabaseConnection } from '../store/connect.ts';
import type { Listener } from '../store/notify.ts';
import { type Attempt, Draining, startAttempt } from './attempt.ts';
import { LaneClaims } from './claims.ts';
import { type BoundKind, type ClaimedItem, type Lane, LEASE_MS, POLL_MS, superseded } from './contract.ts';
import { lookForWork } from './store/due.ts';
import { freeLapsedItems, handBackItems, renewItems } from './store/items.ts';
import { Wakeup } from './wakeup.ts';

export interface WorkerOptions {
  readonly connection: Pick<DatabaseConnection, 'db'>;
  readonly listener: Listener;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The lanes that it drains, with how many items at a time. */
  readonly lanes: ReadonlyMap<Lane, number>;
  /** What it can work on. Other kinds, and other lanes, are left to other workers. */
  readonly kinds: readonly BoundKind[];
  /** How long `stop` waits for handlers before it hands their items back. */
  readonly drain_budget_ms: number;
}

/** Drains lanes of the queue until it is stopped. */
export interface Worker {
  /** Claims nothing more, tells the handlers, and after the drain budget hands back at once what is not done. */
  stop(): Promise<void>;
}

/** A lane that nobody wakes looks by itself so often; the poll over all lanes is what finds work without a message. */
const UNWOKEN_MS = 30_000;
/** Renewed three times a lease: one lost answer costs nothing. */
const RENEW_MS = LEASE_MS / 3;

/** Starts a worker. Nothing that happens to it loses an item; see README.md. */
export function startWorker(options: WorkerOptions): Worker {
  const worker = new QueueWorker(options);
  worker.start();
  return worker;
}

class QueueWorker implements Worker {
  readonly #options: WorkerOptions;
  readonly #name: string;
  readonly #kinds: ReadonlyMap<string, BoundKind>;
  readonly #stopping = new AbortController();
  readonly #attempts = new Set<Attempt>();
  readonly #loops: Promise<void>[] = [];
  readonly #wakeups = new Map<Lane, Wakeup>();
  #unsubscribe: () => void = () => undefined;
  #stopped: Promise<void> | null = null;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#name = `${process.pid}-${randomName(options.random, 8)}`;
    this.#kinds = new Map(options.kinds.filter(({ lane }) => options.lanes.has(lane)).map((kind) => [kind.name, kind]));
  }

  start(): void {
    const { listener, lanes } = this.#options;
    this.#unsubscribe = listener.on('queue', (lane) => {
      for (const [own, wakeup] of this.#wakeups) if (lane === '' || lane === own) wakeup.wake();
    });
    for (const [lane, concurrency] of lanes) this.#loops.push(this.#drainLane(lane, concurrency));
    this.#loops.push(
      this.#every(RENEW_MS, () => this.#renew()),
      this.#every(POLL_MS, () => this.#poll()),
    );
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#drain();
    return this.#stopped;
  }

  async #drainLane(lane: Lane, concurrency: number): Promise<void> {
    const { connection, clock } = this.#options;
    const wakeup = new Wakeup();
    this.#wakeups.set(lane, wakeup);
    const kinds = [...this.#kinds.values()].filter((kind) => kind.lane === lane).map((kind) => kind.name);
    const claims = new LaneClaims({ db: connection.db, clock, lane, kinds, worker: this.#name });
    let active = 0;
    while (!this.#stopping.signal.aborted) {
      const limit = concurrency - active;
      const items = limit === 0 ? [] : await this.#quietly(() => claims.claim(limit), []);
      for (const item of items) {
        active += 1;
        void this.#start(item).finally(() => {
          active -= 1;
          wakeup.wake();
        });
      }
      if (items.length < Math.max(limit, 1)) await wakeup.wait(clock, UNWOKEN_MS);
    }
  }

  async #start(item: ClaimedItem): Promise<void> {
    const { connection, clock, random, log } = this.#options;
    const kind = this.#kinds.get(item.kind) as BoundKind;
    const attempt = startAttempt(item, { db: connection.db, clock, random, log, kind });
    this.#attempts.add(attempt);
    // Claimed in the very moment in which the worker was told to stop.
    if (this.#stopping.signal.aborted) attempt.abort(new Draining());
    await attempt.done;
    this.#attempts.delete(attempt);
  }

  /** What dead workers held, and what became due without a message: one look for all lanes. */
  async #poll(): Promise<void> {
    const { connection, lanes } = this.#options;
    const due = await lookForWork(connection.db, [...lanes.keys()], [...this.#kinds.keys()]);
    for (const lane of due.lanes) this.#wakeups.get(lane)?.wake();
    if (due.lapsed) await freeLapsedItems(connection.db);
  }

  async #renew(): Promise<void> {
    const attempts = [...this.#attempts];
    if (attempts.length === 0) return;
    const claims = attempts.map((attempt) => attempt.item);
    const good = await renewItems(this.#options.connection.db, claims);
    for (const attempt of attempts) {
      if (!good.has(attempt.item.id) && this.#attempts.has(attempt)) attempt.abort(superseded([attempt.item]));
    }
  }

  async #drain(): Promise<void> {
    const { clock, drain_budget_ms, connection, log } = this.#options;
    const renewing = clock.every(RENEW_MS, () => void this.#quietly(() => this.#renew(), undefined));
    this.#unsubscribe();
    this.#stopping.abort(new Draining());
    for (const wakeup of this.#wakeups.values()) wakeup.wake();
    for (const attempt of this.#attempts) attempt.abort(new Draining());
    const patience = new AbortController();
    const timeout = clock.sleep(drain_budget_ms, patience.signal).catch(() => undefined);
    const settled = Promise.all(this.#loops).then(() => Promise.all([...this.#attempts].map((one) => one.done)));
    await Promise.race([settled, timeout]);
    patience.abort();
    renewing.stop();
    const left = [...this.#attempts].map((attempt) => attempt.item);
    if (left.length === 0) return;
    log.info({ items: left.length }, 'the drain budget is used up; unfinished work items are handed back');
    await this.#quietly(() => handBackItems(connection.db, left), undefined);
  }

  async #every(interval_ms: number, work: () => Promise<void>): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.#quietly(work, undefined);
      await this.#options.clock.sleep(interval_ms, this.#stopping.signal).catch(() => undefined);
    }
  }

  /** The database may be away for a while: leases and polls mend whatever is missed. */
  async #quietly<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#options.log.warn({ error: describeCauses(error) }, 'the queue cannot reach the database');
      return otherwise;
    }
  }
}
