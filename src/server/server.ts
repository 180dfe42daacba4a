import { isAbsolute, join } from 'node:path';
import { AgentSessions } from '../api/agent-sessions.ts';
import type { Api, ApiContext } from '../api/app.ts';
import { createMetrics } from '../api/metrics.ts';
import { createAgentServer, createPublicServer } from '../api/server.ts';
import { systemClock } from '../base/clock.ts';
import { messageOf } from '../base/errors/error.ts';
import type { Log } from '../base/log.ts';
import { systemRandom } from '../base/random.ts';
import type { Blobs } from '../blobs/contract.ts';
import { openDirectoryBlobs } from '../blobs/directory.ts';
import { openS3Blobs } from '../blobs/s3.ts';
import type { Config } from '../config/schema.ts';
import type { Services } from '../flow/services.ts';
import type { DriverEnvironment } from '../providers/contract.ts';
import { ensureDeployment } from '../store/deployment.ts';
import { openListener } from '../store/notify.ts';
import { startAliveClock } from './alive.ts';
import { type DataDirectory, openDataDirectory } from './data-directory.ts';
import { startDatabase } from './database.ts';
import { prepareAccess } from './first-start.ts';
import { listenOnPort, listenOnSocket } from './listen.ts';
import { type Loop, startLoops } from './loops.ts';
import type { ServerOptions } from './options.ts';
import { makeProviders } from './providers.ts';
import { deleteEveryNode, withoutWarmNodes } from './retire.ts';

export interface RunningServer {
  url: string;
  /** The admin token, on the first start only: to be shown once. */
  admin_token: string | null;
  /** For people: which database, where. */
  database: string;
  services: Services;
  /** Deletes every node, and makes no new ones: before an end for good. */
  retireNodes(): Promise<void>;
  /** Ends everything but the nodes, which go on without us; answers when nothing is left. */
  stop(): Promise<void>;
}

/** The agents' socket as the local driver shows it to its nodes; it translates it for nodes without isolation. */
const LOCAL_AGENT_URL = 'unix:/run/groundcrew/agent/socket';

/** What was started, to be stopped in the opposite order, also when a later part does not start. */
class Stack {
  readonly #stops: (() => Promise<void> | void)[] = [];
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  push(stop: () => Promise<void> | void): void {
    this.#stops.push(stop);
  }

  async unwind(): Promise<void> {
    for (const stop of this.#stops.splice(0).reverse()) {
      try {
        await stop();
      } catch (error) {
        this.#log.warn({ error: messageOf(error) }, 'a part did not stop cleanly');
      }
    }
  }
}

/** Starts the roles in this process. Errors: whatever keeps it from starting, from the catalogue. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { log } = options;
  const stack = new Stack(log);
  try {
    const holder = { config: options.config };
    const data = openDataDirectory(options.data_directory);
    const database = await startDatabase(options.database_url, data, systemClock, log);
    stack.push(() => database.stop());
    const services = await openServices(options, holder, data, database.connection, log, stack);
    const context = apiContext(options, services);
    const served = options.roles.has('api')
      ? await serve(options, context, data, stack)
      : { url: '', admin_token: null };
    for (const loop of startLoops(services, options.roles)) pushLoop(stack, loop);
    return {
      ...served,
      database: database.description,
      services,
      async retireNodes() {
        holder.config = withoutWarmNodes(holder.config);
        const left = await deleteEveryNode(services, 'the server is ending for good');
        if (left > 0) log.warn({ nodes: left }, 'nodes are left behind: the next start ends them');
      },
      stop: () => stack.unwind(),
    };
  } catch (error) {
    await stack.unwind();
    throw error;
  }
}

function pushLoop(stack: Stack, loop: Loop): void {
  stack.push(() => loop.stop());
}

async function openServices(
  options: ServerOptions,
  holder: { config: Config },
  data: DataDirectory,
  connection: Services['connection'],
  log: Log,
  stack: Stack,
): Promise<Services> {
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
  const providers = makeProviders(holder.config, environment, log);
  return {
    clock: systemClock,
    random: systemRandom,
    log,
    connection,
    listener,
    blobs: await openBlobs(holder.config, data),
    config: () => holder.config,
    providers: () => providers,
    deployment,
    agent_server_url: () => LOCAL_AGENT_URL,
    metrics: undefined,
  };
}

async function openBlobs(config: Config, data: DataDirectory): Promise<Blobs> {
  if ('s3' in config.blobs) return openS3Blobs(config.blobs.s3, systemClock);
  const { directory } = config.blobs;
  return await openDirectoryBlobs(isAbsolute(directory) ? directory : join(data.root, directory));
}

function apiContext(options: ServerOptions, services: Services): ApiContext & { url: string } {
  const context = {
    services,
    version: options.version,
    dashboard_directory: options.dashboard_directory,
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
  const apps: Api[] = [
    await createPublicServer(context, registry, sessions),
    await createAgentServer(context, sessions),
  ];
  for (const app of apps) stack.push(() => app.close());
  const [people, agents] = apps as [Api, Api];
  context.url = await listenOnPort(people, options.host, options.port);
  await listenOnSocket(agents, data.agent_socket);
  const alive = startAliveClock(services.connection.db, services.clock, services.log);
  stack.push(() => alive.stop());
  const admin_token = await prepareAccess(services.connection.db, services.random, data.client_file, context.url);
  return { url: context.url, admin_token };
}
