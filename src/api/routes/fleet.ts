import { OTHER_CONFIGURATION, otherConfigurationPlans } from '../../flow/fleet/configuration.ts';
import {
  countPools,
  failingPools,
  heldPools,
  type LaunchRow,
  launchStatistics,
  type PoolCountRow,
} from '../../nodes/store/list.ts';
import { type ProviderStatus, readProviderStatuses } from '../../nodes/store/status.ts';
import { FleetView } from '../../protocol/api/fleet.ts';
import { waitingExpressions } from '../../requests/store/list.ts';
import { countWaits, type WaitCount } from '../../requests/store/waits.ts';
import { readDeployment } from '../../store/deployment.ts';
import type { Api, ApiContext } from '../app/context.ts';
import { labelRows } from './fleet-labels.ts';
import {
  heldProblems,
  ofServer,
  type ProviderFindings,
  poolProblems,
  providerProblems,
  providerState,
} from './fleet-problems.ts';

/** An hour of waits changes slowly, and every open page asks at every change of the fleet. */
const WAITS_KEPT_MS = 5_000;

/** The home page of the dashboard: labels, providers and pools with their states. */
export function fleetRoutes(app: Api, context: ApiContext): void {
  const waits = waitReader(context);
  app.get(
    '/api/v1/fleet',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'getFleet',
        summary: 'Labels, providers and pools by state',
        tags: ['nodes'],
        response: { 200: FleetView },
      },
    },
    async () => await fleetView(context, await waits()),
  );
}

function waitReader({ services }: ApiContext): () => Promise<readonly WaitCount[]> {
  let known: { at_ms: number; waits: readonly WaitCount[] } | null = null;
  return async () => {
    const at_ms = services.clock.now_ms();
    if (known === null || at_ms - known.at_ms > WAITS_KEPT_MS) {
      known = { at_ms, waits: await countWaits(services.connection.db) };
    }
    return known.waits;
  };
}

async function fleetView(context: ApiContext, waits: readonly WaitCount[]): Promise<FleetView> {
  const { db } = context.services.connection;
  const [deployment, pools, launches, waiting, statuses, failing, held, other] = await Promise.all([
    readDeployment(db),
    countPools(db),
    launchStatistics(db),
    waitingExpressions(db),
    readProviderStatuses(db),
    failingPools(db),
    heldPools(db),
    otherConfigurationPlans(context.services),
  ]);
  const configured = context.services.config().providers;
  const providers = providerNames(context, pools).map((provider) => {
    const status = statuses.find((row) => row.provider === provider);
    const lost = configured[provider] === undefined ? 'it is not in the configuration any more' : null;
    const types = configured[provider]?.nodes.map(({ name }) => name) ?? [];
    return providerRow(context, provider, pools, launches, {
      unusable: context.provider_problems().get(provider) ?? lost,
      status,
      failing: failing.filter((pool) => pool.provider === provider && types.includes(pool.node_type)),
      node_types: types.length,
    });
  });
  // What is no longer configured is not launched again, however it ended.
  const known = failing.filter(({ provider, node_type }) =>
    configured[provider]?.nodes.some(({ name }) => name === node_type),
  );
  const now_ms = context.services.clock.now_ms();
  const shortage = context.services.connection.shortage?.() ?? null;
  return {
    observing: deployment.observing,
    problems: [
      ...(shortage === null ? [] : [ofServer('disk', shortage.message)]),
      ...(other ? [ofServer('configuration', OTHER_CONFIGURATION)] : []),
      ...providerProblems(providers, now_ms),
      ...poolProblems(known, now_ms),
      ...heldProblems(providers, held, waiting.length, now_ms),
    ],
    labels: labelRows(context, { pools, waiting, waits }),
    providers,
    pools: poolRows(pools),
  };
}

function providerRow(
  context: ApiContext,
  provider: string,
  pools: readonly PoolCountRow[],
  launches: readonly LaunchRow[],
  findings: ProviderFindings,
): FleetView['providers'][number] {
  const own = pools.filter((pool) => pool.provider === provider);
  const configured = context.services.config().providers[provider];
  const launch = launches.find((row) => row.provider === provider);
  const status: ProviderStatus | undefined = findings.status;
  return {
    provider,
    driver: configured?.driver ?? '',
    ...providerState(findings),
    nodes: own.reduce((sum, pool) => sum + pool.count, 0),
    limit: configured?.limits.nodes ?? status?.limits.nodes ?? null,
    cores: own.reduce((sum, pool) => sum + pool.cores, 0),
    limit_cores: configured?.limits.cores ?? status?.limits.cores ?? null,
    by_state: byState(own),
    launch_p50_ms: launch?.launch_p50_ms ?? null,
    launches_ok: launch?.launches_ok ?? 0,
    launches_failed: launch?.launches_failed ?? 0,
  };
}

/** The configuration's, and those that still have nodes. */
function providerNames(context: ApiContext, pools: readonly PoolCountRow[]): string[] {
  const configured = Object.keys(context.services.config().providers);
  return [...new Set([...configured, ...pools.map((pool) => pool.provider)])];
}

function poolRows(pools: readonly PoolCountRow[]): FleetView['pools'] {
  const rows = new Map<string, FleetView['pools'][number]>();
  for (const { provider, node_type, labels, state, count } of pools) {
    const key = `${provider}/${node_type}`;
    const row = rows.get(key) ?? { provider, node_type, labels, by_state: {} };
    row.by_state[state] = (row.by_state[state] ?? 0) + count;
    rows.set(key, row);
  }
  return [...rows.values()];
}

function byState(pools: readonly PoolCountRow[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const pool of pools) counts[pool.state] = (counts[pool.state] ?? 0) + pool.count;
  return counts;
}
