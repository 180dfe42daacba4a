import { nearest } from '../base/suggest.ts';
import type { Path } from '../schema/path.ts';
import { type ValidateContext, validate } from '../schema/validate.ts';
import { childOf, type MapTree, type Tree } from '../schema/yaml/tree.ts';
import { type DriverSchemas, driverCalled, driverKeyOf, type ProviderFile, providerSectionOf } from './drivers.ts';
import { anyProvider } from './provider-keys.ts';

/** The providers of the file, each by the schema of its driver. Those with problems are left out and reported. */
export function readProviders(tree: Tree, context: ValidateContext, drivers: DriverSchemas): Map<string, ProviderFile> {
  const found = new Map<string, ProviderFile>();
  const providers = childOf(tree, 'providers');
  for (const { key, value } of providers?.kind === 'map' ? providers.entries : []) {
    const provider = readProvider(value, ['providers', key], context, drivers);
    if (provider !== undefined) found.set(key, provider);
  }
  return found;
}

function readProvider(
  tree: Tree,
  path: Path,
  context: ValidateContext,
  drivers: DriverSchemas,
): ProviderFile | undefined {
  // The driver first: the schema of everything else depends on it.
  const only = tree.kind === 'map' ? onlyDriver(tree) : tree;
  const kind = validate(driverKeyOf(drivers), only, context, path);
  const driver = kind === undefined ? null : driverCalled(drivers, kind.driver);
  if (driver !== null) return validate(providerSectionOf(driver), tree, context, path) as ProviderFile | undefined;
  // What else is wrong is told now, not when the driver is mended.
  if (tree.kind === 'map') checkWithoutDriver(tree, path, context, drivers);
  return undefined;
}

/** By the driver that was probably meant, else by what every provider has. */
function checkWithoutDriver(tree: MapTree, path: Path, context: ValidateContext, drivers: DriverSchemas): void {
  const driver = childOf(tree, 'driver');
  const written = driver?.kind === 'scalar' ? driver.written : '';
  const meant = nearest(
    written,
    drivers.map(({ name }) => name),
  );
  const probably = meant === null ? null : driverCalled(drivers, meant);
  const entries = tree.entries.map((entry) => {
    if (entry.key !== 'driver' || driver?.kind !== 'scalar' || meant === null) return entry;
    return { ...entry, value: { ...driver, value: meant, written: meant } };
  });
  if (probably === null) validate(anyProvider, withoutDriver(tree), context, path);
  else validate(providerSectionOf(probably), { ...tree, entries }, context, path);
}

function onlyDriver(tree: MapTree): MapTree {
  return { ...tree, entries: tree.entries.filter((entry) => entry.key === 'driver') };
}

function withoutDriver(tree: MapTree): MapTree {
  return { ...tree, entries: tree.entries.filter((entry) => entry.key !== 'driver') };
}
