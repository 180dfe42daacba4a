import { formatRequestId } from '../../base/ids.ts';
import { formatDuration } from '../../base/units.ts';
import type { Config } from '../../config/schema.ts';
import type { PossiblePool } from '../../requests/impossible.ts';
import type { WaitingRequest } from '../../requests/store/life.ts';

/** For the node's event: what it was given to, and how long that had waited. */
export function allocationReason(request: WaitingRequest): string {
  const work = request.run_id === null ? formatRequestId(request.id) : `run ${request.run_id}`;
  return `${work}, waited ${formatDuration(request.waited_ms)}`;
}

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
