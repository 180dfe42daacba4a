import { countPools, launchStatistics, type PoolCountRow } from '../nodes/queries.ts';
import { COMING_STATES, type NodeState } from '../nodes/state.ts';
import { type PoolStatus, readPoolStatuses, readProviderStatuses } from '../nodes/store/status.ts';
import { FleetView } from '../protocol/api/fleet.ts';
import { labelsOf, parseExpression } from '../requests/expression.ts';
import { waitingExpressions } from '../requests/queries.ts';
import { readDeployment } from '../store/deployment.ts';
import type { Api, ApiContext } from './app.ts';

/** The home page of the dashboard: labels, providers and pools with their states. */
export function fleetRoutes(app: Api, context: ApiContext): void {
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
    async () => await fleetView(context),
  );
}

async function fleetView(context: ApiContext): Promise<FleetView> {
  const { services } = context;
  const { db } = services.connection;
  const [deployment, pools, launches, waiting, statuses, pool_statuses] = await Promise.all([
    readDeployment(db),
    countPools(db),
    launchStatistics(db),
    waitingExpressions(db),
    readProviderStatuses(db),
    readPoolStatuses(db),
  ]);
  const configured = services.config().providers;
  const providers = providerNames(context, pools).map((provider) => {
    const own = pools.filter((pool) => pool.provider === provider);
    const launch = launches.find((row) => row.provider === provider);
    const status = statuses.find((row) => row.provider === provider);
    const lost = configured[provider] === undefined ? 'it is not in the configuration any more' : null;
    return {
      provider,
      driver: configured[provider]?.driver ?? '',
      problem: context.provider_problems.get(provider) ?? lost ?? status?.message ?? null,
      nodes: sum(own),
      limit: configured[provider]?.limits.nodes ?? status?.limit_nodes ?? null,
      by_state: byState(own),
      launch_p50_ms: launch?.launch_p50_ms ?? null,
      launches_ok: launch?.launches_ok ?? 0,
      launches_failed: launch?.launches_failed ?? 0,
    };
  });
  return {
    observing: deployment.observing,
    problems: [...providers.flatMap(providerProblems), ...poolProblems(pool_statuses)],
    labels: labelRows(context, pools, waiting),
    providers,
    pools: poolRows(pools),
  };
}

/** The configuration's, and those that still have nodes. */
function providerNames(context: ApiContext, pools: PoolCountRow[]): string[] {
  const configured = Object.keys(context.services.config().providers);
  return [...new Set([...configured, ...pools.map((pool) => pool.provider)])];
}

type Problems = FleetView['problems'];

function providerProblems(row: FleetView['providers'][number]): Problems {
  const { provider, problem, launches_failed, launches_ok } = row;
  if (problem !== null) return [{ subject: provider, text: problem }];
  if (launches_failed <= launches_ok) return [];
  const text = `${launches_failed} of the last ${launches_failed + launches_ok} launches failed`;
  return [{ subject: provider, text }];
}

function poolProblems(statuses: PoolStatus[]): Problems {
  return statuses.flatMap(({ provider, node_type, failures, message }) => {
    if (failures === 0 || message === null) return [];
    return [{ subject: `${provider}/${node_type}`, text: message }];
  });
}

function labelRows(context: ApiContext, pools: PoolCountRow[], waiting: string[][]): FleetView['labels'] {
  const waits = new Map<string, number>();
  // Thousands of requests wait for a handful of expressions.
  const known = new Map<string, readonly string[]>();
  const labelsIn = (expression: string): readonly string[] => {
    const labels = known.get(expression) ?? [...labelsOf(parseExpression(expression))];
    known.set(expression, labels);
    return labels;
  };
  for (const expressions of waiting) {
    const named = new Set(expressions.flatMap(labelsIn));
    for (const label of named) waits.set(label, (waits.get(label) ?? 0) + 1);
  }
  const configured = context.services.config().labels;
  // Labels that nobody keeps warm are shown while somebody waits for them.
  const names = [...new Set([...Object.keys(configured), ...[...waits.keys()]])];
  return names.map((label) => {
    const own = pools.filter((pool) => pool.labels.includes(label));
    const count = (...states: NodeState[]): number =>
      sum(own.filter((pool) => states.includes(pool.state as NodeState)));
    return {
      label,
      target: configured[label]?.ready ?? 0,
      ready: count('ready'),
      coming: count(...COMING_STATES),
      used: count('assigned', 'running'),
      held: count('held'),
      waiting: waits.get(label) ?? 0,
    };
  });
}

function poolRows(pools: PoolCountRow[]): FleetView['pools'] {
  const rows = new Map<string, FleetView['pools'][number]>();
  for (const pool of pools) {
    const key = `${pool.provider}/${pool.node_type}`;
    const row = rows.get(key) ?? {
      provider: pool.provider,
      node_type: pool.node_type,
      labels: pool.labels,
      by_state: {},
    };
    row.by_state[pool.state] = (row.by_state[pool.state] ?? 0) + pool.count;
    rows.set(key, row);
  }
  return [...rows.values()];
}

function byState(pools: PoolCountRow[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const pool of pools) counts[pool.state] = (counts[pool.state] ?? 0) + pool.count;
  return counts;
}

function sum(pools: PoolCountRow[]): number {
  return pools.reduce((total, pool) => total + pool.count, 0);
}
