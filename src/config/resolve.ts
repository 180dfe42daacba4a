import { dirname, resolve } from 'node:path';
import type { Amount } from '../base/amount.ts';
import { childOf, type Tree } from '../schema/yaml/tree.ts';
import { type DriverSchemas, driverCalled, type ProviderFile } from './drivers.ts';
import { BUILTIN_CHECKS, preflightOf } from './preflight.ts';
import type {
  BlobsConfig,
  Config,
  ConfigFile,
  HoldConfig,
  LabelConfig,
  NodeTypeConfig,
  ProviderConfig,
} from './schema.ts';
import { writtenOf } from './written.ts';

/** The configuration for the server, out of the file and its providers. Relative directories are the file's. */
export function resolveConfig(
  values: ConfigFile,
  providers: ReadonlyMap<string, ProviderFile>,
  file: string,
  { tree, drivers }: { tree: Tree; drivers: DriverSchemas },
): Config {
  const sections = childOf(tree, 'providers');
  return {
    labels: mapValues(values.labels, resolveLabel),
    providers: mapValues(Object.fromEntries(providers), (provider, name) => {
      const section = sections === null ? null : childOf(sections, name);
      const written = (section === null ? {} : writtenOf(section)) as ProviderConfig['written'];
      return { ...resolveProvider(values, provider, drivers), written };
    }),
    holds: values.holds.map(resolveHold),
    server: {
      host: values.server.host,
      port: values.server.port,
      data_directory: resolve(dirname(file), values.server.data),
      database_url: values.server.database ?? null,
    },
    blobs: resolveBlobs(values),
  };
}

function resolveLabel(label: ConfigFile['labels'][string]): LabelConfig {
  return { ready: label.ready, max_ready_age_ms: label.max_ready_age ?? null };
}

function resolveProvider(
  values: ConfigFile,
  provider: ProviderFile,
  drivers: DriverSchemas,
): Omit<ProviderConfig, 'written'> {
  const { nodes, cores, memory } = provider.limits;
  const own = driverCalled(drivers, provider.driver)?.normalise(provider) ?? { options: {}, nodes: [] };
  return {
    driver: provider.driver,
    options: own.options,
    limits: amountOf({ nodes, cores, memory_bytes: memory }),
    nodes: provider.nodes.map((type, index) => resolveNodeType(values, type, own.nodes[index] ?? {})),
  };
}

function amountOf(figures: Record<string, number | undefined>): Amount {
  const given = Object.entries(figures).filter((entry): entry is [string, number] => entry[1] !== undefined);
  return Object.fromEntries(given);
}

function resolveNodeType(
  values: ConfigFile,
  type: ProviderFile['nodes'][number],
  options: Record<string, unknown>,
): NodeTypeConfig {
  const builtin = type.builtin_checks ?? values.builtin_checks ?? BUILTIN_CHECKS;
  return {
    name: nodeTypeName(type),
    labels: [...new Set(type.labels)],
    limits: { nodes: type.limits.nodes ?? null },
    boot_timeout_ms: type.boot_timeout,
    preflight: preflightOf(builtin, [values.preflight, type.preflight]),
    env: { ...type.env },
    options,
  };
}

/** What a node type is called: its own name, or its labels. */
export function nodeTypeName(type: ProviderFile['nodes'][number]): string {
  return type.name ?? type.labels.join('-');
}

function resolveHold(hold: ConfigFile['holds'][number]): HoldConfig {
  return { on: hold.on, project: hold.project, for_ms: hold.for, at_most: hold.at_most };
}

function resolveBlobs({ blobs }: ConfigFile): BlobsConfig {
  return blobs.s3 === undefined ? { directory: blobs.directory ?? 'blobs' } : { s3: blobs.s3 };
}

/** A map without a prototype, so that a label called "constructor" is there only when it was given. */
function mapValues<From, To>(
  values: Record<string, From>,
  change: (value: From, key: string) => To,
): Record<string, To> {
  const changed: Record<string, To> = Object.create(null);
  for (const [key, value] of Object.entries(values)) changed[key] = change(value, key);
  return changed;
}
