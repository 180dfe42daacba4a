import type { Static } from 'typebox';
import { Type } from 'typebox';
import { word } from '../../schema/kinds.ts';
import { type LocalProvider, localNodeOptions, localProvider, localProviderOptions } from './local.ts';

/** Drivers by name, each with the schema of its providers. A new driver adds its line here. */
export const DRIVER_SCHEMAS = { local: localProvider } as const;

export type DriverName = keyof typeof DRIVER_SCHEMAS;
export type ProviderFile = Static<(typeof DRIVER_SCHEMAS)[DriverName]>;

export const driverWord = word(Object.keys(DRIVER_SCHEMAS) as DriverName[], {
  description: 'What kind of provider it is; the driver decides which other keys there are.',
});

/** Any provider: for the editor's schema and the reference page. */
export const providerSchema = Type.Unsafe({ anyOf: Object.values(DRIVER_SCHEMAS), 'x-kind': 'one-of' });

/** The driver's own part of a provider. */
export function providerOptions(provider: LocalProvider): Record<string, unknown> {
  return localProviderOptions(provider);
}

/** The driver's own part of one of its node types. */
export function nodeOptions(provider: LocalProvider, type: LocalProvider['nodes'][number]): Record<string, unknown> {
  return localNodeOptions(provider, type);
}
