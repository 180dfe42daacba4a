import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { AgentSessions } from '../api/agents/sessions.ts';
import { closeApp } from '../api/app/close.ts';
import type { ApiContext } from '../api/app/context.ts';
import { createAgentServer, createPublicServer } from '../api/app/server.ts';
import { createMetrics } from '../api/routes/metrics.ts';
import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import type { Config } from '../config/schema.ts';
import { Providers } from '../flow/fleet/providers.ts';
import { wakerOf } from '../flow/fleet/wake.ts';
import { openServices } from '../flow/open-services.ts';
import { checkObjects } from '../flow/retention/blob-sweep.ts';
import type { Services } from '../flow/services.ts';
import { FLEET_WAKE } from '../nodes/wake.ts';
import { DRIVERS } from '../providers/all.ts';
import type { DriverEnvironment } from '../providers/contract.ts';
import { INSIDE_SOCKET_URL } from '../providers/local/places.ts';
import { translateLostDatabase } from '../store/connection-errors.ts';
import { ensureDeployment } from '../store/deployment.ts';
import { openListener } from '../store/notify.ts';
import { startAliveClock } from './alive.ts';
import { openBlobs } from './blobs.ts';
import { type DataDirectory, openDataDirectory } from './data-directory.ts';
import { startDatabase } from './database.ts';
import { prepareAccess } from './first-start.ts';
import { listenOnPort, listenOnSocket, requirePort } from './listen.ts';
import type { ServerOptions } from './options.ts';
import { rereadProvider } from './providers.ts';
import { deleteEveryNode, withoutWarmNodes } from './retire.ts';
import { startRoles } from './roles.ts';
import { Stack } from './stack.ts';

export interface RunningServer {
  url: string;
  /** The admin token, on the first start only: to be shown once. */
  admin_token: string | null;
  /** For people: which database, where. */
  database: string;
  services: Services;
  /**
   * Follows another configuration without a restart: providers come and go, nodes of what changed are drained. What the
   * process began with (`server`, `blobs`) stays. Answers which of these would need a restart.
   */
  applyConfiguration(config: Config): string[];
  /** Deletes every node, and makes no new ones: before an end for good. */
  retireNodes(): Promise<void>;
  /** Ends everything but the nodes, which go on without us; answers when nothing is left. */
  stop(): Promise<void>;
}

/** The agents' socket as the local driver shows it to its nodes; it translates it for nodes without isolation. */
const LOCAL_AGENT_URL = `${INSIDE_SOCKET_URL}socket`;

/** Starts the roles in this process. Errors: whatever keeps it from starting, from the catalogue. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { log } = options;
  const stack = new Stack(log);
  try {
    const holder = { config: options.config };
    // Where there is a database already, whoever uses it is told of first: GC1207.
    if (options.roles.has('api') && !existsSync(join(options.data_directory, 'pg')))
      await requirePort(options.host, options.port);
    const data = openDataDirectory(options.data_directory);
    const database = await startDatabase(options.database_url, options.roles.has('api'), data, systemClock, log);
    stack.push(() => database.stop());
    const { services, providers } = await servicesOn(options, holder, data, database.connection, stack);
    await checkObjects(services);
    const context = apiContext(options, services, providers);
    const served = options.roles.has('api')
      ? await serve(options, context, data, stack)
      : { url: '', admin_token: null };
    const running = startRoles(services, options);
    stack.push(async () => void (await Promise.all(running.map((one) => one.stop()))));
    return {
      ...served,
      database: database.description,
      services,
      applyConfiguration(config) {
        const kept = { server: holder.config.server, blobs: holder.config.blobs };
        const waiting = (['server', 'blobs'] as const).filter((part) => !isDeepStrictEqual(config[part], kept[part]));
        holder.config = { ...config, ...kept };
        providers.configure(holder.config);
        wakerOf(services, 'fleet', FLEET_WAKE.plan).wake();
        return waiting;
      },
      async retireNodes() {
        holder.config = withoutWarmNodes(holder.config);
        const left = await deleteEveryNode(services, 'the server is ending for good');
        if (left > 0) log.warn({ nodes: left }, 'nodes are left behind: the next start ends them');
      },
      stop() {
        context.ending = true;
        return stack.unwind();
      },
    };
  } catch (error) {
    await stack.unwind();
    throw translateLostDatabase(error);
  }
}

async function servicesOn(
  options: ServerOptions,
  holder: { config: Config },
  data: DataDirectory,
  connection: Services['connection'],
  stack: Stack,
): Promise<{ services: Services; providers: Providers }> {
  const { log } = options;
  const deployment = await ensureDeployment(connection.db, systemRandom);
  const listener = await openListener(connection.client_config, log, systemClock);
  stack.push(() => listener.close());
  const environment: DriverEnvironment = {
    data_directory: data.root,
    deployment_id: deployment.id,
    agent_socket_directory: data.agent_socket_directory,
    agent_bundle: options.agent_bundle,
    node_executable: options.node_executable,
  };
  const drivers = options.drivers ?? DRIVERS;
  const reread = (name: string, written: object) => rereadProvider(name, written, options.variables ?? {}, drivers);
  const providers = new Providers({ drivers, environment, log, reread });
  providers.configure(holder.config);
  const services = openServices({
    clock: systemClock,
    random: systemRandom,
    log,
    connection,
    listener,
    blobs: await openBlobs(holder.config, data.root, systemClock),
    config: () => holder.config,
    providers: () => providers.opened(),
    settle_providers: () => providers.settle(connection.db),
    unusable_providers: () => providers.unusable(),
    deployment,
    agent_server_url: () => LOCAL_AGENT_URL,
  });
  return { services, providers };
}

function apiContext(options: ServerOptions, services: Services, providers: Providers): ApiContext & { url: string } {
  const context = {
    services,
    version: options.version,
    dashboard_directory: options.dashboard_directory,
    provider_problems: () => providers.problems(),
    ending: false,
    url: '',
    public_url: () => context.url,
  };
  return context;
}

async function serve(
  options: ServerOptions,
  context: ApiContext & { url: string },
  data: DataDirectory,
  stack: Stack,
): Promise<{ url: string; admin_token: string | null }> {
  const { services } = context;
  const { registry, flow } = createMetrics();
  services.metrics = flow;
  const sessions = new AgentSessions();
  const people = await createPublicServer(context, registry, sessions);
  stack.push(() => closeApp(people, services.clock));
  const agents = await createAgentServer(context, sessions);
  stack.push(() => closeApp(agents, services.clock));
  context.url = await listenOnPort(people, options.host, options.port);
  await listenOnSocket(agents, data.agent_socket);
  const alive = startAliveClock(services.connection.db, services.clock, services.log);
  stack.push(() => alive.stop());
  const admin_token = await prepareAccess(services.connection.db, services.random, data.client_file, context.url);
  return { url: context.url, admin_token };
}
