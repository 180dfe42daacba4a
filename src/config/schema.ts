import type { Static } from 'typebox';
import type { Amount } from '../base/amount.ts';
import type { TaskSpec } from '../protocol/agent.ts';
import { count, duration, later, listOf, mapOf, optional, section, text, word } from '../schema/kinds.ts';
import { describe, type Tree } from '../schema/yaml/tree.ts';
import { anyDriverSection, type DriverSchemas, NO_DRIVERS } from './drivers.ts';
import { LABEL_KEY } from './names.ts';
import { preflightProperties } from './preflight.ts';
import { blobsSection, serverSection } from './server.ts';

/** What other forms of `ready` get to hear until they exist. */
function otherReady(tree: Tree): string {
  return `expected a whole number, the only form yet, not ${describe(tree)}; targets such as {wait_p95: 5s, max: 40} come later`;
}

const labelSection = section(
  {
    ready: count({
      description: 'How many nodes that carry the label are kept ready, over all providers together.',
      default: 0,
      minimum: 0,
      maximum: 100_000,
      instead: otherReady,
    }),
    max_ready_age: optional(
      duration({
        description: 'A ready node older than this is replaced. Without it, age alone replaces none.',
        minimum_ms: 1000,
        examples: ['8h'],
      }),
    ),
  },
  { description: 'What is wanted of one label.' },
);

const holdSection = section(
  {
    on: word(['failure'], {
      description: 'When the rule applies: a run that failed or ran out of time.',
      default: 'failure',
    }),
    project: text({
      description: 'Which projects: `*` stands for anything within one part of the name, `**` for any parts.',
      examples: ['acme/*'],
      maximum_characters: 200,
    }),
    for: duration({ description: 'How long the node is kept.', minimum_ms: 60_000, examples: ['8h'] }),
    at_most: count({
      description: 'No more nodes than this are held by the rule at once.',
      default: 10,
      minimum: 1,
      maximum: 10_000,
    }),
  },
  { description: 'A rule that keeps nodes of failed runs for a person. A job file may have its own.' },
);

/**
 * The configuration file with these drivers: the one source of its validation, types, defaults, editor schema and
 * reference page.
 */
export function fileSectionOf(drivers: DriverSchemas) {
  return section(
    {
      include: listOf(
        text({ description: 'A path, relative to the file that names it.', examples: ['providers.yaml'] }),
        {
          description:
            'More files of the same shape. Maps are joined and lists continued; what is given twice is an error.',
          default: [],
          maximum: 100,
          single: true,
        },
      ),
      labels: mapOf(labelSection, {
        description: 'How many nodes are kept ready, by label.',
        default: {},
        maximum: 10_000,
        ...LABEL_KEY,
      }),
      providers: mapOf(later({ description: 'A provider, by its driver.', published: anyDriverSection(drivers) }), {
        description: 'Where nodes come from.',
        default: {},
        maximum: 1000,
        key_pattern: '[A-Za-z0-9][A-Za-z0-9_-]{0,62}',
        name: 'the name of a provider',
        wants: 'letters, digits, - and _, at most 63',
      }),
      ...preflightProperties,
      holds: listOf(holdSection, {
        description: 'Rules by which nodes of failed runs are kept. The first that fits and has room applies.',
        default: [],
        maximum: 1000,
      }),
      server: serverSection,
      blobs: blobsSection,
    },
    { description: 'The configuration of a Groundcrew server, `groundcrew.yaml`.' },
  );
}

/** The same for who looks at no provider: reading a file looks at them later, each by its driver. */
export const fileSection = fileSectionOf(NO_DRIVERS);

/** The file as it was read: units resolved, defaults filled in, providers still to be looked at. */
export type ConfigFile = Static<typeof fileSection>;

/** The configuration as the server uses it: durations in milliseconds, sizes in bytes, every default filled in. */
export interface Config {
  readonly labels: Readonly<Record<string, LabelConfig>>;
  readonly providers: Readonly<Record<string, ProviderConfig>>;
  readonly holds: readonly HoldConfig[];
  readonly server: ServerConfig;
  readonly blobs: BlobsConfig;
}

export interface LabelConfig {
  /** Nodes kept ready, over all providers. */
  ready: number;
  max_ready_age_ms: number | null;
}

export interface ProviderConfig {
  driver: string;
  /** The driver's own part. */
  options: Record<string, unknown>;
  /** Of all its nodes together; a dimension that is left out is not limited. */
  limits: Amount;
  nodes: NodeTypeConfig[];
  /** The section as it is written, with references in place of what they stand for: what rows may keep. */
  written: Readonly<Record<string, unknown>>;
}

/** A provider's recipe for nodes that carry certain labels. */
export interface NodeTypeConfig {
  /** Its labels joined by `-` unless told. Unique within its provider. */
  name: string;
  labels: string[];
  /** How many of them at most; null: not limited. */
  limits: { nodes: number | null };
  boot_timeout_ms: number;
  /** The built-in checks, the configuration's, then its own. */
  preflight: TaskSpec[];
  /** For every run on these nodes. */
  env: Record<string, string>;
  /** The driver's own part. */
  options: Record<string, unknown>;
}

export interface HoldConfig {
  on: 'failure';
  /** Glob: `acme/*`. */
  project: string;
  for_ms: number;
  at_most: number;
}

export interface ServerConfig {
  host: string;
  port: number;
  /** Absolute. */
  data_directory: string;
  /** An outside PostgreSQL; null: the embedded one. */
  database_url: string | null;
}

/** A directory that is not absolute is below the server's data directory. */
export type BlobsConfig = { directory: string } | { s3: S3Config };

export interface S3Config {
  endpoint: string;
  region: string;
  bucket: string;
  /** Put before every key. */
  prefix: string;
  access_key_id: string;
  secret_access_key: string;
}
