import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { FlowMetrics, Services } from '../flow/services.ts';
import { countNodesByState } from '../nodes/store.ts';
import { queueDepths } from '../queue/depths.ts';
import { countWaitingRequests } from '../requests/store.ts';
import { countRunsByState } from '../runs/store/counts.ts';
import type { AgentSessions } from './agent-sessions.ts';
import type { Api } from './app.ts';

const DURATION_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900];

/** Counters and histograms made when first named: `count('nodes_launched')` is `groundcrew_nodes_launched_total`. */
export function createMetrics(): { registry: Registry; flow: FlowMetrics } {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'groundcrew_' });
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  const flow: FlowMetrics = {
    count(name, labels = {}, amount = 1) {
      let counter = counters.get(name);
      if (counter === undefined) {
        const full = `groundcrew_${name}_total`;
        counter = new Counter({
          name: full,
          help: name.replaceAll('_', ' '),
          labelNames: Object.keys(labels),
          registers: [registry],
        });
        counters.set(name, counter);
      }
      counter.inc(labels, amount);
    },
    duration(name, duration_ms, labels = {}) {
      let histogram = histograms.get(name);
      if (histogram === undefined) {
        const full = `groundcrew_${name}_seconds`;
        histogram = new Histogram({
          name: full,
          help: `${name.replaceAll('_', ' ')}, seconds`,
          labelNames: Object.keys(labels),
          buckets: DURATION_BUCKETS_S,
          registers: [registry],
        });
        histograms.set(name, histogram);
      }
      histogram.observe(labels, duration_ms / 1000);
    },
  };
  return { registry, flow };
}

/** Gauges that are read from the database when they are asked for, so that every process tells the same. */
function databaseGauges(registry: Registry, services: Services, sessions: AgentSessions): void {
  const { db } = services.connection;
  const gauge = (
    name: string,
    help: string,
    labelNames: string[],
    collect: (gauge: Gauge) => Promise<void> | void,
  ): void => {
    new Gauge({
      name: `groundcrew_${name}`,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        this.reset();
        await collect(this);
      },
    });
  };
  gauge('nodes', 'nodes by provider and state', ['provider', 'state'], async (target) => {
    for (const row of await countNodesByState(db)) target.set({ provider: row.provider, state: row.state }, row.count);
  });
  gauge('runs', 'unfinished runs by state', ['state'], async (target) => {
    for (const row of await countRunsByState(db)) target.set({ state: row.state }, row.count);
  });
  gauge('requests_waiting', 'requests that wait for nodes', [], async (target) =>
    target.set(await countWaitingRequests(db)),
  );
  gauge('queue_items', 'work items by lane and state', ['lane', 'state'], async (target) => {
    for (const row of await queueDepths(db)) {
      target.set({ lane: row.lane, state: 'waiting' }, row.waiting);
      target.set({ lane: row.lane, state: 'running' }, row.running);
      target.set({ lane: row.lane, state: 'dead' }, row.dead);
    }
  });
  gauge('agents_connected', 'agents connected to this process', [], (target) => target.set(sessions.count));
}

/** Prometheus' text format. Needs a token like everything else: pass one in the scrape configuration. */
export function metricsRoutes(app: Api, services: Services, registry: Registry, sessions: AgentSessions): void {
  databaseGauges(registry, services, sessions);
  app.get('/metrics', { config: { role: 'viewer' }, schema: { hide: true } }, async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}
