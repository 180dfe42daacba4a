import { isDeepStrictEqual } from 'node:util';
import { GroundcrewError, messageOf } from '../../base/errors/error.ts';
import type { Log } from '../../base/log.ts';
import type { Config, ProviderConfig } from '../../config/schema.ts';
import { endProviders, removedProviders, writeProviders } from '../../nodes/store/providers.ts';
import type { Driver, DriverEnvironment, Provider } from '../../providers/contract.ts';
import type { Db } from '../../store/schema/database.ts';

export interface ProvidersParts {
  drivers: readonly Driver[];
  environment: DriverEnvironment;
  log: Log;
  /** A provider's section as it was written, read anew with the secrets of today. Throws what is wrong with it. */
  reread(name: string, written: Readonly<Record<string, unknown>>): ProviderConfig;
}

interface Opened {
  provider: Provider;
  /** What it was opened with. */
  driver: string;
  options: unknown;
}

/**
 * The providers that this process has open: they come and go with the configuration, without a restart. One that the
 * configuration lost stays, by its row, until its last machine is gone. One that cannot be opened is told of and holds
 * up no other.
 */
export class Providers {
  readonly #parts: ProvidersParts;
  readonly #opened = new Map<string, Opened>();
  readonly #problems = new Map<string, string>();
  #all: ReadonlyMap<string, Provider> = new Map();
  #written: Config | null = null;
  #configured: Config | null = null;

  constructor(parts: ProvidersParts) {
    this.#parts = parts;
  }

  opened(): ReadonlyMap<string, Provider> {
    return this.#all;
  }

  /** Why a provider cannot be used, by its name. */
  problems(): ReadonlyMap<string, string> {
    return this.#problems;
  }

  /** Opens what is new or has other options. What is not in this configuration stays open until `settle` ends it. */
  configure(config: Config): void {
    this.#configured = config;
    this.#problems.clear();
    for (const [name, section] of Object.entries(config.providers)) this.#open(name, section);
    this.#publish();
  }

  /**
   * Brings rows and open providers together: writes what is configured, once a configuration; opens what rows still
   * know from before; closes what is gone. Only for the process whose configuration is the one that is followed.
   */
  async settle(db: Db): Promise<void> {
    const config = this.#configured;
    if (config === null) return;
    if (this.#written !== config) {
      const rows = Object.entries(config.providers).map(([name, { driver, written }]) => ({ name, driver, written }));
      await db.transaction().execute((tx) => writeProviders(tx, rows));
      this.#written = config;
    }
    for (const name of await endProviders(db)) this.#parts.log.info({ provider: name }, 'a provider is gone');
    const kept = await removedProviders(db);
    const names = new Set([...Object.keys(config.providers), ...kept.map(({ name }) => name)]);
    for (const name of [...this.#opened.keys(), ...this.#problems.keys()]) {
      if (names.has(name)) continue;
      this.#opened.delete(name);
      this.#problems.delete(name);
    }
    for (const { name, written } of kept) if (!this.#opened.has(name)) this.#reopen(name, written);
    this.#publish();
  }

  #reopen(name: string, written: Readonly<Record<string, unknown>>): void {
    try {
      this.#open(name, this.#parts.reread(name, written));
    } catch (error) {
      this.#complain(name, error);
    }
  }

  #open(name: string, section: ProviderConfig): void {
    const options = { ...section.options, limits: section.limits };
    const known = this.#opened.get(name);
    if (known?.driver === section.driver && isDeepStrictEqual(known.options, options)) return;
    try {
      const driver = this.#parts.drivers.find((each) => each.name === section.driver);
      if (driver === undefined) throw new GroundcrewError('GC1015', { provider: name, driver: section.driver });
      const provider = driver.open(name, options, this.#parts.environment);
      this.#opened.set(name, { provider, driver: section.driver, options });
      this.#problems.delete(name);
    } catch (error) {
      this.#opened.delete(name);
      this.#complain(name, error);
    }
  }

  #complain(name: string, error: unknown): void {
    const problem = messageOf(error);
    if (this.#problems.get(name) === problem) return;
    this.#problems.set(name, problem);
    this.#parts.log.error({ provider: name, error: problem }, 'this provider cannot be used');
  }

  #publish(): void {
    this.#all = new Map([...this.#opened].map(([name, { provider }]) => [name, provider]));
  }
}
