import { Readable } from 'node:stream';
import type { NodeId } from '../../base/ids.ts';
import { silentLog } from '../../base/log.ts';
import { randomSecret, secretHash, systemRandom } from '../../base/random.ts';
import { passDuring, passUntil } from '../../base/testing/pass.ts';
import { until } from '../../base/testing/until.ts';
import { type VirtualClock, virtualClock } from '../../base/testing/virtual-clock.ts';
import type { Blobs } from '../../blobs/contract.ts';
import type { Config, NodeTypeConfig, ProviderConfig } from '../../config/schema.ts';
import { preflightPassed } from '../../nodes/preflight.ts';
import { registerAgent } from '../../nodes/store/agent.ts';
import { listNodes, type NodeListRow } from '../../nodes/store/list.ts';
import type { NodeSpec, Provider } from '../../providers/contract.ts';
import {
  createInstantCloud,
  createInstantProvider,
  type InstantCloud,
  type InstantOptions,
} from '../../providers/testing/instant.ts';
import { ensureDeployment } from '../../store/deployment.ts';
import { openListener } from '../../store/notify.ts';
import { type TestDatabase, testDatabase } from '../../store/testing/database.ts';
import { driveTime } from '../../store/testing/driven-time.ts';
import { traceLocks } from '../../store/testing/lock-trace.ts';
import { openServices } from '../open-services.ts';
import type { Services } from '../services.ts';

const noBlobs: Blobs = {
  put: async () => ({ size_bytes: 0, sha256: Buffer.alloc(32) }),
  get: async () => Readable.from([]),
  head: async () => null,
  remove: async () => undefined,
  async *list() {},
};

export function nodeType(labels: string[], more: Partial<NodeTypeConfig> = {}): NodeTypeConfig {
  return {
    name: labels.join('-'),
    labels,
    limits: { nodes: null },
    boot_timeout_ms: 60_000,
    preflight: [],
    env: {},
    options: {},
    ...more,
  };
}

export function providerOf(nodes: NodeTypeConfig[], limit: number | null = null): ProviderConfig {
  return {
    driver: 'instant',
    options: {},
    limits: limit === null ? {} : { nodes: limit },
    nodes,
    written: { driver: 'instant' },
  };
}

export function configOf(labels: Record<string, number>, providers: Record<string, ProviderConfig>): Config {
  return {
    labels: Object.fromEntries(
      Object.entries(labels).map(([label, ready]) => [label, { ready, max_ready_age_ms: null }]),
    ),
    providers,
    holds: [],
    server: { host: '127.0.0.1', port: 0, data_directory: '/nonexistent', database_url: null },
    blobs: { directory: 'blobs' },
  };
}

/** A database, instant clouds and agents that are only rows: everything of the fleet but the machines is real. */
export interface FleetWorld {
  database: TestDatabase;
  services: Services;
  /** Of every process here; it goes on while `until` and `during` wait, faster than the database's. */
  clock: VirtualClock;
  clouds: Map<string, InstantCloud>;
  /** A second process on the same database and clouds; with a configuration of its own when one is given. */
  another(own?: Config): Promise<Services>;
  setConfig(config: Config): void;
  nodes(states?: string[]): Promise<NodeListRow[]>;
  until(condition: () => Promise<boolean> | boolean, what: string): Promise<void>;
  /** Time goes on while the work ends, as a stop that gives calls their time does. */
  during<T>(work: Promise<T>): Promise<T>;
  /** Moves the database's time, and that of every process here. */
  pass(duration_ms: number): Promise<void>;
  close(): Promise<void>;
}

export interface WorldOptions {
  config: Config;
  /** Do agents report by themselves? Default yes. */
  agents?: boolean;
  provider?: (name: string) => Partial<InstantOptions>;
  wrap?: (provider: Provider) => Provider;
}

/** What an agent does until its node is ready. */
export async function bringUp(database: TestDatabase, spec: NodeSpec): Promise<boolean> {
  const token = secretHash(spec.agent.registration_token);
  const registered = () => registerAgent(database.db, token, secretHash(randomSecret(systemRandom)));
  const node = await until(registered, 'an agent is registered', 2_000);
  return (await preflightPassed(database.db, [{ node_id: node.id, epoch: node.epoch, tasks: [] }]))[0] === true;
}

export async function fleetWorld(options: WorldOptions): Promise<FleetWorld> {
  const locks = traceLocks();
  const database = await testDatabase({ max_connections: 20 });
  const time = await driveTime(database.db);
  const clock = virtualClock({ start_ms: await time.now_ms() });
  const deployment = await ensureDeployment(database.db, systemRandom);
  let config = options.config;
  const clouds = new Map<string, InstantCloud>();
  const agents: Promise<unknown>[] = [];
  const makeProvider = (name: string): Provider => {
    const cloud = clouds.get(name) ?? createInstantCloud();
    clouds.set(name, cloud);
    const onLaunch = ({ spec }: { spec: NodeSpec }): void => {
      if (options.agents !== false) agents.push(bringUp(database, spec).catch(() => undefined));
    };
    const provider = createInstantProvider(name, { cloud, onLaunch, ...options.provider?.(name) });
    return options.wrap?.(provider) ?? provider;
  };
  const listeners: { close(): Promise<void> }[] = [];
  const another = async (own?: Config): Promise<Services> => {
    const listener = await openListener(database.client_config, silentLog, virtualClock());
    listeners.push(listener);
    const providers = new Map(Object.keys((own ?? config).providers).map((name) => [name, makeProvider(name)]));
    return openServices({
      clock,
      random: systemRandom,
      log: silentLog,
      connection: database,
      listener,
      blobs: noBlobs,
      config: () => own ?? config,
      providers: () => providers,
      deployment,
      agent_server_url: () => 'unix:/nonexistent',
    });
  };
  const services = await another();
  return {
    database,
    services,
    clock,
    clouds,
    another,
    setConfig(changed) {
      config = changed;
    },
    nodes: async (states) => {
      const filter = { states: states ?? null, label: null, provider: null, after: null, limit: 10_000 };
      return await listNodes(database.db, filter);
    },
    async until(condition, what) {
      await passUntil(clock, condition, what);
    },
    during: (work) => passDuring(clock, work),
    async pass(duration_ms) {
      await time.advance(duration_ms);
      await clock.advance(duration_ms);
    },
    async close() {
      await Promise.all(agents);
      for (const listener of listeners) await listener.close();
      await database.close();
      locks.stop();
    },
  };
}

export function idsOf(nodes: readonly { id: NodeId }[]): NodeId[] {
  return nodes.map((node) => node.id).sort();
}
