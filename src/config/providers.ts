import { DRIVER_SCHEMAS, type ProviderFile } from './drivers/all.ts';
import { driverKey } from './schema.ts';
import type { Path } from './typed/path.ts';
import { type ValidateContext, validate } from './typed/validate.ts';
import { childOf, type MapTree, type Tree } from './yaml/tree.ts';

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
  return kind === undefined ? undefined : validate(DRIVER_SCHEMAS[kind.driver], tree, context, path);
}

function onlyDriver(tree: MapTree): MapTree {
  return { ...tree, entries: tree.entries.filter((entry) => entry.key === 'driver') };
}
