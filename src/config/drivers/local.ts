import type { Static } from 'typebox';
import { amount, count, listOf, optional, plainOr, section, size, text, word } from '../../schema/kinds.ts';
import { nodesLimit, nodeTypeProperties, providerProperties } from './common.ts';

const absolutePath = { pattern: '/[^\\0]*', wants: 'an absolute path', maximum_characters: 4096 } as const;

const mount = plainOr(
  text({ description: 'A path, the same inside and outside.', ...absolutePath, examples: ['/opt/toolchain'] }),
  section(
    {
      source: text({ description: 'What is mounted: a path of this machine.', ...absolutePath }),
      target: text({ description: 'Where it appears on the node.', ...absolutePath }),
    },
    { description: 'A path that is called otherwise inside.' },
  ),
  { description: 'A file or directory of this machine that the node may read.' },
);

const mounts = listOf(mount, {
  description:
    'Files and directories of this machine to show to its nodes, read-only. Nodes see the rest of the machine read-only, too, except /home, /root, /run, /tmp, other homes and the server’s data directory: name here what is hidden there, or is wanted at another path.',
  default: [],
  maximum: 100,
});

const nodeType = section(
  {
    ...nodeTypeProperties,
    limits: section(
      {
        nodes: nodesLimit,
        cores: optional(amount({ description: 'Cores that each may use.', minimum: 0.01, maximum: 4096 })),
        memory: optional(
          size({
            description: 'Memory that each may use; at least 64MiB.',
            minimum_bytes: 64 * 2 ** 20,
            examples: ['2GiB'],
          }),
        ),
        processes: optional(
          count({
            description: 'Processes and threads that each may have; at least 16.',
            minimum: 16,
            maximum: 4_194_304,
          }),
        ),
      },
      {
        description: 'How many there may be, and what each of them may use. What is left out is not limited.',
        default: {},
      },
    ),
    mounts,
  },
  { description: 'Nodes of one kind.' },
);

/** A provider of isolated process trees on the server's own machine. */
export const localProvider = section(
  {
    driver: word(['local'], { description: 'Nodes are isolated process trees on the server’s own machine.' }),
    isolation: word(['auto', 'bubblewrap', 'unshare', 'none'], {
      description:
        'How nodes are kept apart: `auto` takes bubblewrap where it works, else unshare, else it refuses. `none` keeps nothing apart and is never chosen by itself.',
      default: 'auto',
    }),
    ...providerProperties,
    mounts,
    nodes: listOf(nodeType, { description: 'Its node types.', default: [], maximum: 1000 }),
  },
  { description: 'Driver `local`: nodes on the server’s own machine, for a small fleet and for trying things out.' },
);

export type LocalProvider = Static<typeof localProvider>;
type Mount = LocalProvider['mounts'][number];

/** The driver's part of the provider. */
export function localProviderOptions(provider: LocalProvider): Record<string, unknown> {
  return { isolation: provider.isolation };
}

/** The driver's part of a node type: `cores`, `memory_bytes`, `pids`, `mounts`; what is not limited is left out. */
export function localNodeOptions(
  provider: LocalProvider,
  type: LocalProvider['nodes'][number],
): Record<string, unknown> {
  const { cores, memory, processes } = type.limits;
  const paths = [...provider.mounts, ...type.mounts].map(sourceAndTarget);
  return {
    ...(cores === undefined ? {} : { cores }),
    ...(memory === undefined ? {} : { memory_bytes: memory }),
    ...(processes === undefined ? {} : { pids: processes }),
    ...(paths.length === 0 ? {} : { mounts: paths }),
  };
}

function sourceAndTarget(one: Mount): { source: string; target: string } {
  return typeof one === 'string' ? { source: one, target: one } : one;
}
