import type { Static, TProperties } from 'typebox';
import { Type } from 'typebox';
import type { DriverSchema } from '../schema/driver.ts';
import { listOf, section, word } from '../schema/kinds.ts';
import { type anyProvider, nodesLimit, nodeTypeProperties, providerProperties } from './provider-keys.ts';

/** The kinds of providers that a configuration may name: handed in by whoever reads one, since drivers are a floor above. */
export type DriverSchemas = readonly DriverSchema[];

/** For files in which nobody looks at providers. */
export const NO_DRIVERS: DriverSchemas = [];

/** A provider as any driver's schema reads it: what all have, and the driver's own keys. */
export type ProviderFile = Static<typeof anyProvider> & { driver: string } & Readonly<Record<string, unknown>>;

function nodeTypeSection({ node_type, node_limits }: DriverSchema) {
  const limits: TProperties = { nodes: nodesLimit, ...node_limits };
  return section(
    {
      ...nodeTypeProperties,
      limits: section(limits, {
        description: 'How many there may be, and what each of them may use. What is left out is not limited.',
        default: {},
      }),
      ...node_type,
    } as TProperties,
    { description: 'Nodes of one kind.' },
  );
}

function makeProviderSection(driver: DriverSchema) {
  const properties: TProperties = {
    driver: word([driver.name], { description: driver.summary }),
    ...driver.provider,
    ...providerProperties,
    nodes: listOf(nodeTypeSection(driver), { description: 'Its node types.', default: [], maximum: 1000 }),
  };
  return section(properties, { description: driver.description });
}

const made = new WeakMap<DriverSchema, ReturnType<typeof makeProviderSection>>();

/** The whole schema of a driver's providers: its own keys and those of every provider. */
export function providerSectionOf(driver: DriverSchema) {
  const known = made.get(driver) ?? makeProviderSection(driver);
  made.set(driver, known);
  return known;
}

/** Null: there is no such driver. */
export function driverCalled(drivers: DriverSchemas, name: string): DriverSchema | null {
  return drivers.find((driver) => driver.name === name) ?? null;
}

/** What every provider has, whatever its driver: enough to choose the schema of the rest. */
export function driverKeyOf(drivers: DriverSchemas) {
  const names = drivers.map(({ name }) => name);
  const driver = word(names, {
    description: 'What kind of provider it is; the driver decides which other keys there are.',
  });
  return section({ driver }, { description: 'A provider.' });
}

/** Any provider: for the editor's schema and the reference page. */
export function anyDriverSection(drivers: DriverSchemas) {
  return Type.Unsafe({ anyOf: drivers.map(providerSectionOf), 'x-kind': 'one-of' });
}
