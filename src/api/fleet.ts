import { Type } from 'typebox';
import { countPools, launchStatistics, type PoolCountRow } from '../nodes/queries.ts';
import { COMING_STATES, type NodeState } from '../nodes/state.ts';
import { FleetView } from '../protocol/api/fleet.ts';
import { LaneView } from '../protocol/api/session.ts';
import { queueDepths } from '../queue/depths.ts';
import { labelsOf, parseExpression } from '../requests/expression.ts';
import { waitingExpressions } from '../requests/queries.ts';
import type { Api, ApiContext } from './app.ts';

/** The home page of the dashboard: labels, providers and pools with their states. */
export function fleetRoutes(app: Api, context: ApiContext): void {
  const { db } = context.services.connection;

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

  app.get(
    '/api/v1/queue',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'getQueue',
        summary: 'Work items by lane',
        tags: ['queue'],
        response: { 200: Type.Object({ items: Type.Array(LaneView) }) },
      },
    },
    async () => ({ items: await queueDepths(db) }),
  );
}

async function fleetView(context: ApiContext): Promise<FleetView> {
  const { services } = context;
  const { db } = services.connection;
  const [pools, launches, waiting] = await Promise.all([countPools(db), launchStatistics(db), waitingExpressions(db)]);
  const labels = labelRows(context, pools, waiting);
  const providers = Object.entries(services.config().providers).map(([provider, section]) => {
    const own = pools.filter((pool) => pool.provider === provider);
    const launch = launches.find((row) => row.provider === provider);
    return {
      provider,
      driver: section.driver,
      problem: null,
      nodes: sum(own),
      limit: section.limits.nodes,
      by_state: byState(own),
      launch_p50_ms: launch?.launch_p50_ms ?? null,
      launches_ok: launch?.launches_ok ?? 0,
      launches_failed: launch?.launches_failed ?? 0,
    };
  });
  return {
    observing: services.deployment.observing,
    problems: providers
      .filter((row) => row.launches_failed > row.launches_ok)
      .map((row) => ({
        subject: row.provider,
        text: `${row.launches_failed} of the last ${row.launches_failed + row.launches_ok} launches failed`,
      })),
    labels,
    providers,
    pools: poolRows(pools),
  };
}

function labelRows(context: ApiContext, pools: PoolCountRow[], waiting: string[][]): FleetView['labels'] {
  const waits = new Map<string, number>();
  for (const expressions of waiting) {
    const named = new Set(expressions.flatMap((expression) => [...labelsOf(parseExpression(expression))]));
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
