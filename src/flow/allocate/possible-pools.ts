import type { Config } from '../../config/schema.ts';
import type { PossiblePool } from '../../requests/impossible.ts';

const known = new WeakMap<Config, PossiblePool[]>();

/** What the configuration could ever make; computed once a configuration. */
export function possiblePools(config: Config): PossiblePool[] {
  let pools = known.get(config);
  if (pools === undefined) {
    pools = Object.entries(config.providers).flatMap(([provider, { limits, nodes }]) =>
      nodes.map((type) => {
        const labels = new Set(type.labels);
        return {
          provider,
          node_type: type.name,
          labels,
          limit: type.limits.nodes,
          provider_limit: limits.nodes ?? null,
        };
      }),
    );
    known.set(config, pools);
  }
  return pools;
}
