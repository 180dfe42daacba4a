import { isDeepStrictEqual } from 'node:util';
import { GroundcrewError, messageOf } from '../../base/errors/error.ts';
import type { Log } from '../../base/log.ts';
import type { Config, ProviderConfig } from '../../config/schema.ts';
import type { UnusableProvider } from '../../nodes/snapshot.ts';
import { endProviders, type ProviderRow, readProviders, writeProviders } from '../../nodes/store/providers.ts';
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
 * configuration lost stays, by its row, until its last machine is gone; so does one that has another driver by now,
 * before that driver gets its name. One that cannot be opened is told of and holds up no other.
 */
export class Providers {
  readonly #parts: ProvidersParts;
  readonly #opened = new Map<string, Opened>();
  readonly #problems = new Map<string, string>();
  /** Configured with another driver than the one that still has machines. */
  readonly #blocked = new Set<string>();
  #all: ReadonlyMap<string, Provider> = new Map();
  #written: Config | null = null;
  #configured: Config | null = null;
  #settles = false;

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

  /** What the planner has to know of them. */
  unusable(): ReadonlyMap<string, UnusableProvider> {
    return new Map(
      [...this.#problems].map(([name, problem]) => {
        const drains = this.#blocked.has(name);
        return [name, { message: drains ? problem : `its provider cannot be used: ${problem}`, drains }];
      }),
    );
  }

  /**
   * Opens what is new or has other options. What is not in this configuration stays open until `settle` ends it, and
   * what has another driver stays with the driver of before until `settle` finds that nothing is left of it.
   */
  configure(config: Config): void {
    this.#configured = config;
    this.#problems.clear();
    this.#blocked.clear();
    for (const [name, section] of Object.entries(config.providers)) {
      const before = this.#opened.get(name)?.driver ?? section.driver;
      if (this.#settles && before !== section.driver) this.#block(name, section.driver, before);
      else this.#open(name, section);
    }
    this.#publish();
  }

  /**
   * Brings rows and open providers together: writes what is configured, once a configuration; opens what rows still
   * know from before; closes what is gone. Answers those whose machines may be touched. Only for the process whose
   * configuration is the one that is followed.
   */
  async settle(db: Db): Promise<ReadonlyMap<string, Provider>> {
    this.#settles = true;
    for (;;) {
      const config = this.#configured;
      if (config === null) return this.#all;
      const rows = await this.#bringRows(db, config);
      // Another configuration came meanwhile.
      if (config !== this.#configured) continue;
      this.#follow(config, rows);
      return this.#all;
    }
  }

  async #bringRows(db: Db, config: Config): Promise<ProviderRow[]> {
    if (this.#written !== config) await this.#write(db, config);
    const ended = await endProviders(db);
    for (const name of ended) this.#parts.log.info({ provider: name }, 'a provider is gone');
    if (ended.some((name) => config.providers[name] !== undefined)) {
      // Its driver of before is gone: the name is free for the one that is configured.
      this.#written = null;
      await this.#write(db, config);
    }
    return await readProviders(db);
  }

  async #write(db: Db, config: Config): Promise<void> {
    const rows = Object.entries(config.providers).map(([name, { driver, written }]) => ({ name, driver, written }));
    await db.transaction().execute((tx) => writeProviders(tx, rows));
    this.#written = config;
  }

  #follow(config: Config, rows: readonly ProviderRow[]): void {
    const names = new Set([...Object.keys(config.providers), ...rows.map(({ name }) => name)]);
    for (const name of [...this.#opened.keys(), ...this.#problems.keys()]) {
      if (names.has(name)) continue;
      this.#opened.delete(name);
      this.#problems.delete(name);
    }
    for (const row of rows) {
      const section = config.providers[row.name];
      if (section === undefined) {
        if (!this.#opened.has(row.name)) this.#reopen(row);
      } else if (section.driver !== row.driver) {
        this.#keepDriver(row, section.driver);
      } else if (this.#blocked.delete(row.name)) {
        this.#open(row.name, section);
      }
    }
    this.#publish();
  }

  /** Its machines are the row's driver's: that one stays open, whatever is configured. */
  #keepDriver(row: ProviderRow, driver: string): void {
    if (this.#opened.get(row.name)?.driver === row.driver) {
      this.#block(row.name, driver, row.driver);
      return;
    }
    this.#opened.delete(row.name);
    try {
      this.#openAs(row.name, this.#parts.reread(row.name, row.written));
      this.#block(row.name, driver, row.driver);
    } catch (error) {
      this.#block(row.name, driver, row.driver, ` That driver cannot be opened: ${messageOf(error)}`);
    }
  }

  #block(name: string, driver: string, before: string, more = ''): void {
    this.#blocked.add(name);
    const error = new GroundcrewError('GC1026', { provider: name, driver, before });
    this.#complain(name, `${error.code} ${error.message}${more}`);
  }

  #reopen({ name, written }: ProviderRow): void {
    try {
      this.#openAs(name, this.#parts.reread(name, written));
      this.#problems.delete(name);
    } catch (error) {
      this.#complain(name, messageOf(error));
    }
  }

  #open(name: string, section: ProviderConfig): void {
    try {
      this.#openAs(name, section);
      this.#problems.delete(name);
    } catch (error) {
      this.#opened.delete(name);
      this.#complain(name, messageOf(error));
    }
  }

  /** Throws what keeps it from being opened. */
  #openAs(name: string, section: ProviderConfig): void {
    const options = { ...section.options, limits: section.limits };
    const known = this.#opened.get(name);
    if (known?.driver === section.driver && isDeepStrictEqual(known.options, options)) return;
    const driver = this.#parts.drivers.find((each) => each.name === section.driver);
    if (driver === undefined) throw new GroundcrewError('GC1015', { provider: name, driver: section.driver });
    const provider = driver.open(name, options, this.#parts.environment);
    this.#opened.set(name, { provider, driver: section.driver, options });
  }

  #complain(name: string, problem: string): void {
    if (this.#problems.get(name) === problem) return;
    this.#problems.set(name, problem);
    this.#parts.log.error({ provider: name, error: problem }, 'this provider cannot be used');
  }

  #publish(): void {
    this.#all = new Map([...this.#opened].map(([name, { provider }]) => [name, provider]));
  }
}
