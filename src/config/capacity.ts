import type { ProviderFile } from './drivers.ts';

type NodeType = ProviderFile['nodes'][number];

/** The most nodes that a provider's limits let stand at once, of those of its node types that are asked about. */
export function mostNodes({ limits, nodes }: ProviderFile, asked: (type: NodeType) => boolean): number {
  const types = nodes.filter(asked);
  return Math.min(
    limits.nodes ?? Number.POSITIVE_INFINITY,
    mostWithin(types, limits.memory, (type) => figureOf(type, 'memory')),
    mostWithin(types, limits.cores, (type) => figureOf(type, 'cores')),
  );
}

/** What one node of it takes of a resource, where its driver lets that be said under `limits`. */
export function figureOf(type: NodeType, key: 'memory' | 'cores'): number | undefined {
  const value = (type.limits as Readonly<Record<string, unknown>>)[key];
  return typeof value === 'number' ? value : undefined;
}

/** By one resource alone: the smallest first, none beyond what its node type allows. */
function mostWithin(types: readonly NodeType[], limit: number | undefined, needOf: Need): number {
  let left = limit ?? Number.POSITIVE_INFINITY;
  let most = 0;
  const sizes = types.map((type) => ({
    need: needOf(type) ?? 0,
    at_most: type.limits.nodes ?? Number.POSITIVE_INFINITY,
  }));
  for (const { need, at_most } of sizes.sort((a, b) => a.need - b.need)) {
    // A whisker more than the quotient: 0.3 cores go into 0.9 three times.
    const fitting = need === 0 ? Number.POSITIVE_INFINITY : Math.floor(left / need + 1e-9);
    const count = Math.min(at_most, fitting);
    most += count;
    if (Number.isFinite(left)) left -= need === 0 ? 0 : count * need;
  }
  return most;
}

type Need = (type: NodeType) => number | undefined;
