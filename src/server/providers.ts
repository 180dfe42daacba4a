import { GroundcrewError, messageOf } from '../base/errors/error.ts';
import type { Log } from '../base/log.ts';
import type { Config } from '../config/schema.ts';
import type { Driver, DriverEnvironment, Provider } from '../providers/contract.ts';
import { localDriver } from '../providers/local/driver.ts';

/** Every driver that this program brings; the others come with their issue. */
const DRIVERS: ReadonlyMap<string, Driver> = new Map([[localDriver.name, localDriver]]);

/**
 * The configuration's providers. One that cannot be made is left out and told, so that it never holds up the others.
 * One that the configuration lost stays until its nodes are gone.
 */
export function makeProviders(
  config: Config,
  environment: DriverEnvironment,
  log: Log,
  before: ReadonlyMap<string, Provider> = new Map(),
): { providers: Map<string, Provider>; problems: Map<string, string> } {
  const providers = new Map(before);
  const problems = new Map<string, string>();
  for (const [name, section] of Object.entries(config.providers)) {
    try {
      const driver = DRIVERS.get(section.driver);
      if (driver === undefined) throw new GroundcrewError('GC1015', { provider: name, driver: section.driver });
      providers.set(name, driver.create(name, { ...section.options, limits: section.limits }, environment));
    } catch (error) {
      problems.set(name, messageOf(error));
      log.error({ provider: name, error: messageOf(error) }, 'this provider cannot be used');
    }
  }
  return { providers, problems };
}
