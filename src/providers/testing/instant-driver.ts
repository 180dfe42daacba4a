import { amount, optional, size, text } from '../../schema/kinds.ts';
import type { Driver, Provider } from '../contract.ts';

/**
 * A second driver, exported as every driver is, for tests of what is above: machines of the cloud that `open` gives for
 * a provider's name. Its `password` stands for what a real cloud wants to know.
 */
export function instantDriver(open: (name: string, options: Readonly<Record<string, unknown>>) => Provider): Driver {
  return {
    name: 'instant',
    summary: 'Machines are entries of a map.',
    description: 'Driver `instant`: for tests.',
    provider: { password: optional(text({ description: 'A secret.' })) },
    node_type: {},
    node_limits: {
      cores: optional(amount({ description: 'Cores of each.', minimum: 0.01, maximum: 4096 })),
      memory: optional(size({ description: 'Memory of each.', minimum_bytes: 1 })),
    },
    normalise: ({ password, nodes }) => ({
      options: password === undefined ? {} : { password },
      nodes: nodes.map(({ limits: { cores, memory } }) => ({
        ...(cores === undefined ? {} : { cores }),
        ...(memory === undefined ? {} : { memory_bytes: memory }),
      })),
    }),
    open: (name, options) => open(name, options),
  };
}
