import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { sql } from 'kysely';
import type { NodeId, RequestId } from '../src/base/ids.ts';
import { randomSecret, secretHash } from '../src/base/random.ts';
import type { Blobs } from '../src/blobs/contract.ts';
import type { Config } from '../src/config/schema.ts';
import { startAllocator } from '../src/flow/allocate/allocate.ts';
import { startFleet } from '../src/flow/fleet/fleet.ts';
import { ALLOCATE_WAKE, wakerOf } from '../src/flow/fleet/wake.ts';
import { openServices } from '../src/flow/open-services.ts';
import type { Services } from '../src/flow/services.ts';
import { registerAgent } from '../src/nodes/store/agent.ts';
import { moveNode } from '../src/nodes/store/move.ts';
import type { NodeSpec } from '../src/providers/contract.ts';
import { createInstantProvider } from '../src/providers/testing/instant.ts';
import { insertRequest } from '../src/requests/store/life.ts';
import { tickAlive } from '../src/store/alive-clock.ts';
import { type DatabaseConnection, openDatabase } from '../src/store/connect.ts';
import { ensureDeployment } from '../src/store/deployment.ts';
import { startEmbedded } from '../src/store/embedded/start.ts';
import { migrate } from '../src/store/migrate.ts';
import { openListener } from '../src/store/notify.ts';
import type { BenchContext } from './context.ts';

/** The server's flow without its HTTP: allocator, fleet role, an instant provider, agents that are only their rows. */
export interface FlowWorld {
  services: Services;
  /** For the clients' own statements. */
  db: DatabaseConnection['db'];
  /** Asks for one node; answers when the request is committed. */
  ask(): Promise<RequestId>;
  /** When this process heard of each node's assignment, on the monotonic clock. */
  heard_ms: Map<NodeId, number>;
  /** Which node each request got. */
  assignments(): Promise<Map<RequestId, NodeId>>;
  /** Ends the nodes that were given out, as their runs would. */
  giveBack(): Promise<void>;
  warm(count: number): Promise<void>;
  /** Makes so many nodes of another label, which nobody asks for, and waits until they are ready. */
  addIdle(count: number): Promise<void>;
}

const LABEL = 'jammy';
const OTHER_LABEL = 'noble';

function warmth(ready: number): Config['labels'][string] {
  return { ready, max_ready_age_ms: null };
}

function configOf(ready: number): Config {
  const nodes = [LABEL, OTHER_LABEL].map((label) => ({
    ...{ name: label, labels: [label], limits: { nodes: null }, boot_timeout_ms: 60_000, preflight: [] },
    ...{ env: {}, options: {} },
  }));
  return {
    labels: Object.fromEntries([LABEL, OTHER_LABEL].map((label) => [label, warmth(label === LABEL ? ready : 0)])),
    providers: { instant: { driver: 'instant', options: {}, limits: {}, written: {}, nodes } },
    holds: [],
    server: { host: '127.0.0.1', port: 0, data_directory: '/nonexistent', database_url: null },
    blobs: { directory: 'blobs' },
  };
}

const noBlobs: Blobs = {
  put: async () => ({ size_bytes: 0, sha256: Buffer.alloc(32) }),
  get: async () => Readable.from([]),
  head: async () => null,
  remove: async () => undefined,
  async *list() {},
};

/** Runs the work in a world with a label that is kept warm, and ends the world again. */
export async function* inFlowWorld<T>(
  context: BenchContext,
  ready: number,
  work: (world: FlowWorld) => AsyncGenerator<T>,
): AsyncGenerator<T> {
  const { clock, log, directory } = context;
  await mkdir(directory, { recursive: true });
  const embedded = await startEmbedded({ data_directory: join(directory, 'pg'), clock, log });
  const connection = await openDatabase(embedded.address, { max_connections: 20 });
  const clients = await openDatabase(embedded.address, { max_connections: 10 });
  await migrate(connection);
  const listener = await openListener(connection.client_config, log, clock);
  const services = await servicesOf(context, connection, listener, configOf(ready));
  const alive = clock.every(1_000, () => void tickAlive(connection.db).catch(() => undefined), { background: true });
  const roles = [startAllocator(services), startFleet(services)];
  try {
    yield* work(worldOf(services, clients));
  } finally {
    alive.stop();
    for (const role of roles) await role.stop();
    await listener.close();
    await clients.close();
    await connection.close();
    await embedded.stop();
  }
}

/** The flow's services on a database, with an instant cloud for each provider, whose agents report at once. */
export async function servicesOf(
  { clock, random, log }: BenchContext,
  connection: DatabaseConnection,
  listener: Services['listener'],
  config: Config,
): Promise<Services> {
  const agent = async (spec: NodeSpec): Promise<void> => {
    const token = secretHash(spec.agent.registration_token);
    const session = secretHash(randomSecret(random));
    const node = await registerAgent(connection.db, token, session);
    if (node === null) return;
    const report = { node_id: node.id, epoch: node.epoch, tasks: [] };
    await services.ready_nodes.add(report);
  };
  const onLaunch = ({ spec }: { spec: NodeSpec }): void => void agent(spec).catch(() => undefined);
  const names = Object.keys(config.providers);
  const providers = new Map(names.map((name) => [name, createInstantProvider(name, { onLaunch })]));
  const services = openServices({
    ...{ clock, random, log, connection, listener, blobs: noBlobs },
    config: () => config,
    providers: () => providers,
    deployment: await ensureDeployment(connection.db, random),
    agent_server_url: () => 'unix:/nonexistent',
  });
  return services;
}

function worldOf(services: Services, clients: DatabaseConnection): FlowWorld {
  const { clock, listener } = services;
  const heard_ms = new Map<NodeId, number>();
  const waker = wakerOf(services, 'allocate', ALLOCATE_WAKE.request);
  listener.on('node', (payload) => {
    if (!heard_ms.has(payload as NodeId)) heard_ms.set(payload as NodeId, clock.monotonic_ms());
  });
  const returned = new Set<NodeId>();
  const assignments = async (): Promise<Map<RequestId, NodeId>> => {
    const rows = await clients.db.selectFrom('node_assignments').select(['request_id', 'node_id']).execute();
    return new Map(rows.flatMap(({ request_id, node_id }) => (request_id === null ? [] : [[request_id, node_id]])));
  };
  return {
    services,
    db: clients.db,
    heard_ms,
    assignments,
    async ask() {
      const id = await insertRequest(clients.db, { expressions: [LABEL], requester: 'bench' });
      waker.wake();
      return id;
    },
    async giveBack() {
      for (const id of heard_ms.keys()) {
        if (returned.has(id)) continue;
        returned.add(id);
        await moveNode(clients.db, { id, from: 'assigned', to: 'deleting', reason: 'the run ended', actor: 'bench' });
      }
    },
    warm: (count) => untilReady(services, LABEL, count),
    async addIdle(count) {
      // The configuration of this world is its own: what is kept warm may change.
      (services.config().labels as Record<string, Config['labels'][string]>)[OTHER_LABEL] = warmth(count);
      await untilReady(services, OTHER_LABEL, count);
    },
  };
}

async function untilReady({ connection, clock }: Services, label: string, count: number): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ ready: number }>`
      select count(*)::int as ready from nodes where state = 'ready' and node_type = ${label}`.execute(connection.db);
    if ((rows[0]?.ready ?? 0) >= count) return;
    await clock.sleep(50);
  }
}
