import { GroundcrewError } from '../base/errors/error.ts';
import type { Variables } from '../config/environment.ts';
import { readConfig } from '../config/load.ts';
import type { ProviderConfig } from '../config/schema.ts';
import type { Driver } from '../providers/contract.ts';
import { readTextFile } from '../schema/yaml/file.ts';
import { formatProblems } from '../schema/yaml/problems.ts';

/**
 * The section of a provider that only its row knows, read with the environment of today. Throws GC1101 when a reference
 * leads nowhere any more, or the driver reads it otherwise by now.
 */
export function rereadProvider(
  name: string,
  written: object,
  variables: Variables,
  drivers: readonly Driver[],
): ProviderConfig {
  const file = `the provider ${name}, as it was configured`;
  const text = JSON.stringify({ providers: { [name]: written } });
  const { config, errors } = readConfig(text, file, variables, drivers, readTextFile);
  const section = config?.providers[name];
  if (section !== undefined) return section;
  const problems = formatProblems(errors).join('\n');
  throw new GroundcrewError('GC1101', { file, count: `${errors.length}`, problems });
}
