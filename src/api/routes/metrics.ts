import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { FlowMetrics, Services } from '../../flow/services.ts';
import { countNodesByState } from '../../nodes/store/counts.ts';
import { readPoolStatuses } from '../../nodes/store/status.ts';
import { queueDepths } from '../../queue/store/depths.ts';
import { countWaitingRequests } from '../../requests/store/life.ts';
import { countRunsByState } from '../../runs/store/counts.ts';
import type { AgentSessions } from '../agents/sessions.ts';
import type { Api } from '../app/context.ts';
import { COUNTERS, DURATIONS, GAUGES } from '../app/metric-names.ts';

const DURATION_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900];

/**
 * The figures of `metric-names.ts`, all of them there from the start. A name or a label that is not known is left out:
 * a figure never breaks what it counts.
 */
export function createMetrics(): { registry: Registry; flow: FlowMetrics } {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'groundcrew_' });
  const counters = new Map<string, Counter>();
  for (const [name, { help, labels }] of Object.entries(COUNTERS)) {
    counters.set(
      name,
      new Counter({ name: `groundcrew_${name}_total`, help, labelNames: [...labels], registers: [registry] }),
    );
  }
  const histograms = new Map<string, Histogram>();
  for (const [name, { help, labels }] of Object.entries(DURATIONS)) {
    const full = `groundcrew_${name}_seconds`;
    const options = { labelNames: [...labels], buckets: DURATION_BUCKETS_S, registers: [registry] };
    histograms.set(name, new Histogram({ name: full, help, ...options }));
  }
  const flow: FlowMetrics = {
    count(name, labels = {}, amount = 1) {
      harmless(() => counters.get(name)?.inc(labels, amount));
    },
    duration(name, duration_ms, labels = {}) {
      harmless(() => histograms.get(name)?.observe(labels, duration_ms / 1000));
    },
  };
  return { registry, flow };
}

// The library throws for labels that it does not know; tests of the names find them.
function harmless(record: () => void): void {
  try {
    record();
  } catch {
    // Nothing that is counted may fail for it.
  }
}

type GaugeName = keyof typeof GAUGES;
type Figures = readonly (readonly [name: GaugeName, value: number, labels?: Record<string, string>])[];

/** Figures that every process reads alike, from the database. */
async function databaseFigures({ connection }: Services): Promise<Figures> {
  const { db } = connection;
  const [nodes, runs, requests, lanes, pools] = await Promise.all([
    countNodesByState(db),
    countRunsByState(db),
    countWaitingRequests(db),
    queueDepths(db),
    readPoolStatuses(db),
  ]);
  return [
    ...nodes.map(({ provider, state, count }) => ['nodes', count, { provider, state }] as const),
    ...runs.map(({ state, count }) => ['runs', count, { state }] as const),
    ['requests_waiting', requests] as const,
    ...pools.flatMap(({ provider, node_type, launch_ms }) =>
      launch_ms === null ? [] : [['node_launch_seconds', launch_ms / 1000, { provider, node_type }] as const],
    ),
    ...lanes.flatMap(({ lane, waiting, running, dead, oldest_waiting_ms }) => [
      ['queue_items', waiting, { lane, state: 'waiting' }] as const,
      ['queue_items', running, { lane, state: 'running' }] as const,
      ['queue_items', dead, { lane, state: 'dead' }] as const,
      ['queue_oldest_waiting_seconds', (oldest_waiting_ms ?? 0) / 1000, { lane }] as const,
    ]),
  ];
}

/** Prometheus' text format. Needs a token like everything else: pass one in the scrape configuration. */
export function metricsRoutes(app: Api, services: Services, registry: Registry, sessions: AgentSessions): void {
  const gauges = new Map<string, Gauge>();
  for (const [name, { help, labels }] of Object.entries(GAUGES)) {
    const gauge = new Gauge({ name: `groundcrew_${name}`, help, labelNames: [...labels], registers: [registry] });
    gauges.set(name, gauge);
  }
  app.get('/metrics', { config: { role: 'viewer' }, schema: { hide: true } }, async (_request, reply) => {
    const figures = await databaseFigures(services);
    // In one go: another scrape at the same time must not see half of them.
    for (const gauge of gauges.values()) gauge.reset();
    for (const [name, value, labels = {}] of figures) gauges.get(name)?.set(labels, value);
    gauges.get('agents_connected')?.set(sessions.count);
    gauges.get('streams_open')?.set(app.streams.count);
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}
