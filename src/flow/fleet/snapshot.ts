import type { Config, ProviderConfig } from '../../config/schema.ts';
import { wantOf } from '../../labels/want.ts';
import type { Demand, FleetSnapshot, LabelTarget, PoolSnapshot, ProviderSnapshot } from '../../nodes/snapshot.ts';
import { poolKey } from '../../nodes/snapshot.ts';
import { readClocks, readHolds, readLiveNodes } from '../../nodes/store/planning.ts';
import {
  type PoolStatus,
  type ProviderStatus,
  readPoolStatuses,
  readProviderStatuses,
} from '../../nodes/store/status.ts';
import { type WaitingRequest, waitingRequests } from '../../requests/store/life.ts';
import type { Db, Tx } from '../../store/schema/database.ts';

/** More waiting requests than this are planned for as the first are served. */
const DEMAND_MOST = 10_000;
/** Beyond the pre-flight tasks' own time: the agent's start, and the way to us and back. */
const CHECK_MARGIN_MS = 30_000;
const CHECK_LEAST_MS = 60_000;

/**
 * Everything that the planner looks at, as of one moment: statements that each saw another moment would find a failed
 * launch without its backoff, or a held node without its hold. `observing`: what to assume when the database does not say.
 */
export async function readFleetSnapshot(db: Db, config: Config, observing: boolean): Promise<FleetSnapshot> {
  return await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute((tx) => readAll(tx, config, observing));
}

async function readAll(db: Tx, config: Config, observing: boolean): Promise<FleetSnapshot> {
  const clocks = await readClocks(db);
  const pools = new Map((await readPoolStatuses(db)).map((status) => [poolKey(status), status]));
  const providers = new Map((await readProviderStatuses(db)).map((status) => [status.provider, status]));
  return {
    now_ms: clocks.now_ms,
    alive_ms: clocks.alive_ms,
    observing: clocks.observing ?? observing,
    labels: labelTargets(config),
    providers: new Map(
      Object.entries(config.providers).map(([name, provider]) => {
        return [name, providerSnapshot(name, provider.limits, providers.get(name))];
      }),
    ),
    pools: configuredPools(config).map((pool) => withStatus(pool, pools.get(poolKey(pool)))),
    nodes: await readLiveNodes(db),
    holds: await readHolds(db),
    demand: demandOf(await waitingRequests(db, DEMAND_MOST)),
  };
}

function labelTargets(config: Config): Map<string, LabelTarget> {
  return new Map(Object.entries(config.labels));
}

function lower(left: number | null | undefined, right: number | null | undefined): number | null {
  const known = [left, right].filter((limit) => typeof limit === 'number');
  return known.length === 0 ? null : Math.min(...known);
}

function providerSnapshot(
  name: string,
  limits: ProviderConfig['limits'],
  status: ProviderStatus | undefined,
): ProviderSnapshot {
  return {
    name,
    limit: limits.nodes,
    cloud_limit: status?.limit_nodes ?? null,
    limit_cores: lower(limits.cores, status?.limit_cores),
    limit_memory_bytes: lower(limits.memory_bytes, status?.limit_memory_bytes),
    strangers: status?.strangers ?? 0,
    leaked: status?.leaked ?? 0,
    listed_at_ms: status?.listed_at?.getTime() ?? null,
    retry_at_ms: status?.retry_at?.getTime() ?? null,
    message: status?.message ?? null,
  };
}

type ConfiguredPool = Omit<PoolSnapshot, 'failures' | 'retry_at_ms' | 'fault' | 'message' | 'launch_ms'>;

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

function withStatus(pool: ConfiguredPool, status: PoolStatus | undefined): PoolSnapshot {
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
