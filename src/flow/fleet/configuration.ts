import { createHash } from 'node:crypto';
import type { Timer } from '../../base/clock.ts';
import { messageOf } from '../../base/errors/error.ts';
import { randomName } from '../../base/random.ts';
import type { Config } from '../../config/schema.ts';
import { joinSharedLease, leaveSharedLease, renewSharedLease, sharedLeaseValue } from '../../store/shared-leases.ts';
import type { Services } from '../services.ts';

const NAME = 'fleet-configuration';
/** As long as a provider's lease: what a killed server planned is taken over together with its providers. */
const LEASE_MS = 14_000;
const RENEW_MS = 4_000;
const TRY_MS = 1_000;

export const OTHER_CONFIGURATION =
  'another server plans with another configuration, and this one waits until it has ended; restart them with the same one';

const hashes = new WeakMap<Config, string>();

/** Of all that decides which nodes there are to be, whatever the order in which a file says it. */
export function configurationHash(config: Config): string {
  let hash = hashes.get(config);
  if (hash === undefined) {
    const { labels, blobs } = config;
    // How a section is written says nothing beside what it comes to.
    const providers = Object.fromEntries(
      Object.entries(config.providers).map(([name, { written: _written, ...meant }]) => [name, meant]),
    );
    hash = createHash('sha256').update(JSON.stringify({ providers, labels, blobs }, ordered)).digest('hex');
    hashes.set(config, hash);
  }
  return hash;
}

function ordered(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
}

/**
 * Does another server plan, with another configuration? Then this one's says nothing of what can be served. False when
 * nobody plans.
 */
export async function otherConfigurationPlans(services: Services): Promise<boolean> {
  const value = await sharedLeaseValue(services.connection.db, NAME);
  return value !== null && value !== configurationHash(services.config());
}

/** Starts to follow the fleet's configuration; whoever does so leaves it again. */
export function followConfiguration(services: Services): FleetConfiguration {
  const configuration = new FleetConfiguration(services);
  configuration.start();
  return configuration;
}

/**
 * Which configuration the fleet follows: that of the process which was there first, and of all that have the same.
 * Two that differ would delete each other's nodes and refuse each other's requests without end, so that the second
 * waits until the last of the others has ended.
 */
export class FleetConfiguration {
  readonly #services: Services;
  readonly #member: string;
  #timer: Timer | null = null;
  #joining: Promise<void> | null = null;
  #joined: { hash: string; until_ms: number; renew_at_ms: number } | null = null;
  #told = false;

  constructor(services: Services) {
    this.#services = services;
    this.#member = randomName(services.random, 10);
  }

  /** Joins, and keeps up the lease until it is left. */
  start(): void {
    this.#timer = this.#services.clock.every(TRY_MS, () => void this.#joinWhenDue(), { background: true });
    void this.#joinWhenDue();
  }

  /** May this process plan, allocate and refuse by its configuration? Asks the database only when it is not known. */
  async leads(): Promise<boolean> {
    if (!this.leading()) await (this.#joining ?? this.#joinWhenDue());
    return this.leading();
  }

  /** The same, as far as it is known now. */
  leading(): boolean {
    const { clock, config } = this.#services;
    const joined = this.#joined;
    return joined !== null && joined.hash === configurationHash(config()) && clock.monotonic_ms() < joined.until_ms;
  }

  /** Only when nothing is planned any more: another configuration may follow at once. */
  async leave(): Promise<void> {
    this.#timer?.stop();
    await this.#joining;
    this.#joined = null;
    await leaveSharedLease(this.#services.connection.db, NAME, this.#member).catch(() => undefined);
  }

  #joinWhenDue(): Promise<void> {
    if (this.leading() && this.#services.clock.monotonic_ms() < (this.#joined?.renew_at_ms ?? 0)) {
      return Promise.resolve();
    }
    this.#joining ??= this.#join().finally(() => {
      this.#joining = null;
    });
    return this.#joining;
  }

  async #join(): Promise<void> {
    const { clock, config, connection, log } = this.#services;
    const now_ms = clock.monotonic_ms();
    const hash = configurationHash(config());
    try {
      const of = [connection.db, NAME, this.#member, hash, LEASE_MS] as const;
      const joined = (this.#joined?.hash === hash && (await renewSharedLease(...of))) || (await joinSharedLease(...of));
      this.#joined = joined ? { hash, until_ms: now_ms + LEASE_MS, renew_at_ms: now_ms + RENEW_MS } : null;
      if (joined === this.#told) this.#tell(!joined);
    } catch (error) {
      // What was joined before holds for its time.
      log.warn({ error: messageOf(error) }, 'the lease of the configuration could not be renewed');
    }
  }

  #tell(waits: boolean): void {
    this.#told = waits;
    if (waits) this.#services.log.warn({}, OTHER_CONFIGURATION);
    else this.#services.log.info({}, 'the other server has ended: this one plans with its configuration');
  }
}
