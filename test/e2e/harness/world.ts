import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { stringify } from 'yaml';
import { deadlineSignal, systemClock } from '../../../src/base/clock.ts';
import { processStart_ticks } from '../../../src/base/process.ts';
import { type ApiClient, createClient } from '../../../src/protocol/client.ts';
import { has } from '../../../tools/needs/needs.ts';
import { cgroupsOf, destroyMachines, machinesIn, mountsOf, processesOf, SCRATCH_PREFIX } from './leftovers.ts';
import { accessTo, ServerProcess } from './server.ts';
import { until } from './wait.ts';

const CALL_WITHIN_MS = 60_000;

/** What a world's configuration says beside its one local provider. */
export interface WorldOptions {
  /** Nodes kept ready that carry `unit`. */
  ready?: number;
  /** Nodes at once. */
  nodes?: number;
  holds?: object[];
  blobs?: object;
  /** The server makes its own database cluster, as on a first start; else an empty one is there. */
  is_new?: boolean;
  /** An outside PostgreSQL. */
  database_url?: string;
}

/** A directory of its own with a server on it; `close` leaves nothing of it, and fails when something was left. */
export class World {
  readonly directory: string;
  readonly data: string;
  readonly #options: WorldOptions;
  readonly #node_ids = new Set<string>();
  #server: ServerProcess | null = null;
  #database: pg.Pool | null = null;

  constructor(options: WorldOptions = {}) {
    removeAbandoned();
    // The name says whose it is, so that a later run cleans up after one that was killed.
    this.directory = mkdtempSync(join(realpathSync(tmpdir()), `${SCRATCH_PREFIX}${process.pid}-`));
    this.data = join(this.directory, 'data');
    this.#options = options;
    this.configure(options);
  }

  get config(): string {
    return join(this.directory, 'groundcrew.yaml');
  }

  get log(): string {
    return join(this.directory, 'server.log');
  }

  /** The end of what the servers printed. */
  logTail(characters: number): string {
    return existsSync(this.log) ? readFileSync(this.log, 'utf8').slice(-characters) : '';
  }

  /** Writes the configuration; a server that is started afterwards has it. */
  configure(options: WorldOptions): void {
    const limits = { memory: '1GiB', processes: 300 };
    const content = {
      labels: { unit: { ready: options.ready ?? 0 } },
      providers: {
        here: {
          driver: 'local',
          // What is looked at here is not the isolation; the payloads are ours.
          ...(has('namespaces') ? {} : { isolation: 'none' }),
          limits: { nodes: options.nodes ?? 6 },
          nodes: [{ name: 'unit', labels: ['unit', 'x86_64'], limits }],
        },
      },
      ...(options.holds ? { holds: options.holds } : {}),
      ...(options.blobs ? { blobs: options.blobs } : {}),
    };
    writeFileSync(this.config, stringify(content));
  }

  get server(): ServerProcess {
    if (this.#server === null) throw new Error('no server runs');
    return this.#server;
  }

  /** Starts a server on the directory and waits until it serves. */
  async start(roles: string | null = null): Promise<void> {
    this.#server = await this.#launch(this.log, '✓ server', roles);
  }

  /** Starts a further process with other roles; it has its own log, and is the caller's to end. */
  async startBeside(roles: string, log: string): Promise<ServerProcess> {
    return await this.#launch(join(this.directory, log), '✓ database', roles);
  }

  async #launch(log: string, word: string, roles: string | null): Promise<ServerProcess> {
    const { database_url } = this.#options;
    const words = ['server', '--config', this.config, '--data', this.data, '--port', '0'];
    if (roles !== null) words.push('--roles', roles);
    const before = existsSync(log) ? readFileSync(log, 'utf8').length : 0;
    const server = ServerProcess.launch(words, log, database_url ? { DATABASE_URL: database_url } : {});
    try {
      await server.says(word, before);
      return server;
    } catch (error) {
      await server.kill();
      throw error;
    }
  }

  /** SIGKILL of the server. */
  async kill(): Promise<void> {
    await this.#disconnect();
    await this.server.kill();
    this.#server = null;
  }

  /** SIGTERM, and the wait for its end. */
  async stop(): Promise<void> {
    await this.#disconnect();
    const server = this.server;
    this.#server = null;
    await server.stop();
  }

  async restart(outage_ms = 0): Promise<void> {
    await this.kill();
    if (outage_ms > 0) await systemClock.sleep(outage_ms);
    await this.start();
  }

  /** A client of the server that runs now. */
  get client(): ApiClient {
    const { url, token } = accessTo(this.data);
    const headers = { authorization: `Bearer ${token}` };
    return createClient({ url, headers, deadline: () => deadlineSignal(systemClock, CALL_WITHIN_MS) });
  }

  /** Rows of the server's own database, to look at moments that the API does not show, and to move its clocks. */
  async rows<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    if (this.#database === null) {
      const { database_url } = this.#options;
      const pool = new pg.Pool(
        database_url
          ? { connectionString: database_url }
          : { host: this.postgres.socket_directory, port: 5432, user: 'groundcrew', database: 'groundcrew' },
      );
      // The server under it is killed; a query that meets that fails, and the next one connects again.
      pool.on('error', () => undefined);
      this.#database = pool;
    }
    try {
      return (await this.#database.query<Row>(text, [...values])).rows;
    } catch (error) {
      await this.#disconnect();
      throw error;
    }
  }

  /** Process id and socket directory of the embedded PostgreSQL, as its own file tells them. */
  get postgres(): { pid: number; socket_directory: string } {
    const lines = readFileSync(join(this.data, 'pg', 'cluster', 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Number(lines[0]), socket_directory: lines[4] as string };
  }

  /** After a kill of the server PostgreSQL ends by itself, a moment later. */
  postgresHasEnded(): boolean {
    return processesOf(this.directory).every(({ command }) => !/(^|\/)postgres[: ]/.test(command));
  }

  async #disconnect(): Promise<void> {
    const pool = this.#database;
    this.#database = null;
    await pool?.end().catch(() => undefined);
  }

  /** Every node that there ever was, remembered for the search for what was left. */
  async noteNodes(): Promise<string[]> {
    const rows = await this.rows<{ id: string }>('select id from nodes');
    for (const { id } of rows) this.#node_ids.add(id);
    return rows.map(({ id }) => id);
  }

  /**
   * The end of a test that went well: with nothing kept warm, the server itself comes to rest without a machine; then
   * it stops, and nothing is alive, mounted or limited any more.
   */
  async rest(stop: () => Promise<void> = () => this.stop()): Promise<void> {
    await this.noteNodes();
    await until('no node is left', 30_000, async () => {
      const { items } = await this.client.call('listNodes', { query: { limit: 100 } });
      for (const node of items) {
        if (['ready', 'held', 'running'].includes(node.state)) {
          await this.client.call('deleteNode', { path: { id: node.id } }).catch(() => undefined);
        }
      }
      return items.every((node) => node.state === 'deleted') && (await machinesIn(this.data)).length === 0;
    });
    await this.noteNodes();
    await stop();
    const left = await this.#left();
    if (left.length > 0) throw new Error(`left behind after a stop in order:\n${left.join('\n')}`);
  }

  async #left(): Promise<string[]> {
    return [
      ...(await machinesIn(this.data)).map((name) => `machine ${name}`),
      ...processesOf(this.directory).map(({ pid, command }) => `process ${pid}: ${command}`),
      ...mountsOf(this.directory).map((point) => `mount ${point}`),
      ...cgroupsOf(this.#node_ids).map((path) => `cgroup ${path}`),
    ];
  }

  /** Ends and removes everything, whatever happened before. Fails when something could not be removed. */
  async close(): Promise<void> {
    await this.#disconnect();
    await this.#server?.kill();
    this.#server = null;
    await removeWorld(this.directory);
  }
}

async function removeWorld(directory: string): Promise<void> {
  // PostgreSQL ends by itself when its server was killed; nodes do not.
  for (const name of ['data', ...readdirSync(directory)]) {
    if (existsSync(join(directory, name, 'nodes'))) await destroyMachines(join(directory, name));
  }
  await until('every process of the test has ended', 20_000, async () => {
    for (const { pid } of processesOf(directory)) endProcess(pid);
    return processesOf(directory).length === 0;
  });
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGINT');
  } catch {
    // It ended in this very moment.
  }
}

/** Directories of test processes that were killed. */
function removeAbandoned(): void {
  for (const name of readdirSync(tmpdir())) {
    const owner = /^groundcrew-e2e-(\d+)-/.exec(name)?.[1];
    if (owner === undefined || processStart_ticks(Number(owner)) !== null) continue;
    removeWorld(join(realpathSync(tmpdir()), name)).catch(() => undefined);
  }
}
