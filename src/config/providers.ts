import { nearest } from '../base/suggest.ts';
import type { Path } from '../schema/path.ts';
import { type ValidateContext, validate } from '../schema/validate.ts';
import { childOf, type MapTree, type Tree } from '../schema/yaml/tree.ts';
import { DRIVER_SCHEMAS, type DriverName, type ProviderFile } from './drivers/all.ts';
import { anyProvider } from './drivers/common.ts';
import { driverKey } from './schema.ts';

/** The providers of the file, each by the schema of its driver. Those with problems are left out and reported. */
export function readProviders(tree: Tree, context: ValidateContext): Map<string, ProviderFile> {
  const found = new Map<string, ProviderFile>();
  const providers = childOf(tree, 'providers');
  for (const { key, value } of providers?.kind === 'map' ? providers.entries : []) {
    const provider = readProvider(value, ['providers', key], context);
    if (provider !== undefined) found.set(key, provider);
  }
  return found;
}

function readProvider(tree: Tree, path: Path, context: ValidateContext): ProviderFile | undefined {
  // The driver first: the schema of everything else depends on it.
  const only = tree.kind === 'map' ? onlyDriver(tree) : tree;
  const kind = validate(driverKey, only, context, path);
  if (kind !== undefined) return validate(DRIVER_SCHEMAS[kind.driver], tree, context, path);
  // What else is wrong is told now, not when the driver is mended.
  if (tree.kind === 'map') checkWithoutDriver(tree, path, context);
  return undefined;
}

/** By the driver that was probably meant, else by what every provider has. */
function checkWithoutDriver(tree: MapTree, path: Path, context: ValidateContext): void {
  const driver = childOf(tree, 'driver');
  const written = driver?.kind === 'scalar' ? driver.written : '';
  const meant = nearest(written, Object.keys(DRIVER_SCHEMAS)) as DriverName | null;
  const entries = tree.entries.map((entry) => {
    if (entry.key !== 'driver' || driver?.kind !== 'scalar' || meant === null) return entry;
    return { ...entry, value: { ...driver, value: meant, written: meant } };
  });
  if (meant === null) validate(anyProvider, withoutDriver(tree), context, path);
  else validate(DRIVER_SCHEMAS[meant], { ...tree, entries }, context, path);
}

function onlyDriver(tree: MapTree): MapTree {
  return { ...tree, entries: tree.entries.filter((entry) => entry.key === 'driver') };
}

function withoutDriver(tree: MapTree): MapTree {
  return { ...tree, entries: tree.entries.filter((entry) => entry.key !== 'driver') };
}
