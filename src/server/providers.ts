import { GroundcrewError, messageOf } from '../base/errors/error.ts';
import type { Log } from '../base/log.ts';
import type { Config } from '../config/schema.ts';
import type { Driver, DriverEnvironment, Provider } from '../providers/contract.ts';

/**
 * The configuration's providers. One that cannot be made is left out and told, so that it never holds up the others.
 * One that the configuration lost stays until its nodes are gone.
 */
export function makeProviders(
  config: Config,
  drivers: readonly Driver[],
  environment: DriverEnvironment,
  log: Log,
  before: ReadonlyMap<string, Provider> = new Map(),
): { providers: Map<string, Provider>; problems: Map<string, string> } {
  const providers = new Map(before);
  const problems = new Map<string, string>();
  for (const [name, section] of Object.entries(config.providers)) {
    try {
      const driver = drivers.find(({ name }) => name === section.driver);
      if (driver === undefined) throw new GroundcrewError('GC1015', { provider: name, driver: section.driver });
      providers.set(name, driver.open(name, { ...section.options, limits: section.limits }, environment));
    } catch (error) {
      problems.set(name, messageOf(error));
      log.error({ provider: name, error: messageOf(error) }, 'this provider cannot be used');
    }
  }
  return { providers, problems };
}
