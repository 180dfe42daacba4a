import type { Config, ProviderConfig } from '../../config/schema.ts';
import { wantOf } from '../../labels/want.ts';
import type { Demand, FleetSnapshot, LabelTarget, PoolSnapshot, ProviderSnapshot } from '../../nodes/snapshot.ts';
import { poolKey } from '../../nodes/snapshot.ts';
import type { PoolStatus, ProviderStatus } from '../../nodes/store/status.ts';
import type { WaitingRequest } from '../../requests/store/life.ts';
import type { Services } from '../services.ts';

/** Beyond the pre-flight tasks' own time: the agent's start, and the way to us and back. */
const CHECK_MARGIN_MS = 30_000;
const CHECK_LEAST_MS = 60_000;

export type SnapshotServices = Pick<
  Services,
  'config' | 'providers' | 'unusable_providers' | 'deployment' | 'fleet_rows'
>;

/** Everything that the planner looks at, as of one moment. */
export async function readFleetSnapshot(services: SnapshotServices): Promise<FleetSnapshot> {
  const config = services.config();
  const opened = services.providers();
  const unusable = services.unusable_providers?.();
  const { clocks, nodes, holds, waiting, ...statuses } = await services.fleet_rows.moment();
  const pools = new Map(statuses.pools.map((status) => [poolKey(status), status]));
  const providers = new Map(statuses.providers.map((status) => [status.provider, status]));
  return {
    now_ms: clocks.now_ms,
    alive_ms: clocks.alive_ms,
    observing: clocks.observing ?? services.deployment.observing,
    labels: labelTargets(config),
    providers: new Map(
      Object.entries(config.providers).map(([name, provider]) => {
        const own = providerSnapshot(name, provider.limits, providers.get(name));
        return [name, { ...own, unusable: unusable?.get(name) ?? null }];
      }),
    ),
    pools: configuredPools(config).map((pool) => {
      // One whose provider could not be opened is a node at least.
      const takes = opened.get(pool.provider)?.amount(pool.options) ?? { nodes: 1 };
      return { ...withStatus(pool, pools.get(poolKey(pool))), takes };
    }),
    nodes,
    holds,
    demand: demandOf(waiting),
  };
}

function labelTargets(config: Config): Map<string, LabelTarget> {
  return new Map(Object.entries(config.labels));
}

function providerSnapshot(
  name: string,
  limits: ProviderConfig['limits'],
  status: ProviderStatus | undefined,
): Omit<ProviderSnapshot, 'unusable'> {
  return {
    name,
    limits,
    cloud_limits: status?.limits ?? {},
    strangers: status?.strangers_take ?? {},
    leaked: status?.leaks_take ?? {},
    listed_at_ms: status?.listed_at?.getTime() ?? null,
    retry_at_ms: status?.retry_at?.getTime() ?? null,
    message: status?.message ?? null,
  };
}

type ConfiguredPool = Omit<PoolSnapshot, 'takes' | 'failures' | 'retry_at_ms' | 'fault' | 'message' | 'launch_ms'>;

const known = new WeakMap<Config, ConfiguredPool[]>();

/** The node types of a configuration as the planner sees them; computed once a configuration. */
function configuredPools(config: Config): ConfiguredPool[] {
  let pools = known.get(config);
  if (pools === undefined) {
    pools = Object.entries(config.providers).flatMap(([provider, { nodes }]) =>
      nodes.map((type): ConfiguredPool => {
        const checks_ms = type.preflight.reduce((sum, task) => sum + task.timeout_ms * task.tries, 0);
        return {
          provider,
          node_type: type.name,
          labels: type.labels,
          // As they come back from the database, so that they compare equal to those of rows.
          options: JSON.parse(JSON.stringify(type.options)) as Record<string, unknown>,
          boot_timeout_ms: type.boot_timeout_ms,
          check_timeout_ms: Math.max(CHECK_LEAST_MS, checks_ms + CHECK_MARGIN_MS),
          limit: type.limits.nodes,
        };
      }),
    );
    known.set(config, pools);
  }
  return pools;
}

function withStatus(pool: ConfiguredPool, status: PoolStatus | undefined): Omit<PoolSnapshot, 'takes'> {
  return {
    ...pool,
    failures: status?.failures ?? 0,
    retry_at_ms: status?.retry_at?.getTime() ?? null,
    fault: status?.fault ?? null,
    message: status?.message ?? null,
    launch_ms: status?.launch_ms ?? null,
  };
}

function demandOf(requests: readonly WaitingRequest[]): Demand[] {
  return requests.map(({ id, expressions }) => ({ request_id: id, wants: expressions.map(wantOf) }));
}
