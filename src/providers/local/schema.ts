import type { DriverSchema, NormalisedProvider, ProviderSection } from '../../schema/driver.ts';
import { amount, count, listOf, optional, plainOr, section, size, text, word } from '../../schema/kinds.ts';

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

/** What `providers.NAME` with `driver: local` may say, and what comes of it. */
export const localSchema: DriverSchema = {
  name: 'local',
  summary: 'Nodes are isolated process trees on the server’s own machine.',
  description: 'Driver `local`: nodes on the server’s own machine, for a small fleet and for trying things out.',
  provider: {
    isolation: word(['auto', 'bubblewrap', 'unshare', 'none'], {
      description:
        'How nodes are kept apart: `auto` takes bubblewrap where it works, else unshare, else it refuses. `none` keeps nothing apart and is never chosen by itself.',
      default: 'auto',
    }),
    mounts,
  },
  node_type: { mounts },
  node_limits: {
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
  normalise,
};

/** Of the provider `isolation`; of a node type `cores`, `memory_bytes`, `pids`, `mounts`; what is not limited is left out. */
function normalise(provider: ProviderSection): NormalisedProvider {
  const shared = provider.mounts as readonly Mount[];
  const nodes = provider.nodes.map((type) => {
    const { cores, memory, processes } = type.limits;
    const paths = [...shared, ...(type.mounts as readonly Mount[])].map(sourceAndTarget);
    return {
      ...(cores === undefined ? {} : { cores }),
      ...(memory === undefined ? {} : { memory_bytes: memory }),
      ...(processes === undefined ? {} : { pids: processes }),
      ...(paths.length === 0 ? {} : { mounts: paths }),
    };
  });
  return { options: { isolation: provider.isolation }, nodes };
}

type Mount = string | { source: string; target: string };

function sourceAndTarget(one: Mount): { source: string; target: string } {
  return typeof one === 'string' ? { source: one, target: one } : one;
}
