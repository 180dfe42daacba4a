import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { type ApiClient, createClient } from '../src/protocol/client.ts';
import { readClientFile } from '../src/server/client-file.ts';
import { openDatabase } from '../src/store/connect.ts';
import { startEmbedded } from '../src/store/embedded/start.ts';
import type { BenchContext } from './context.ts';
import { type Figure, figure } from './figure.ts';
import { absoluteFigures, ratioFigure } from './rounds.ts';
import { median } from './statistics.ts';

const PROGRAM = join(import.meta.dirname, '..', 'dist', 'groundcrew.js');
const STARTS = 5;
const START_WITHIN_MS = 60_000;
/** What a start leaves to be compiled and collected is not idleness. */
const SETTLE_MS = 10_000;
/** A clock tick is 10 ms: long enough for a share of a percent to be many of them. */
const IDLE_FOR_MS = 20_000;
const IDLE_ROUNDS = 3;
/** Clock ticks a second, as /proc/PID/stat counts them: USER_HZ, 100 on every Linux. */
const TICKS_A_SECOND = 100;

function configuration(ready: number): string {
  return `labels:
  local: {ready: ${ready}}
providers:
  local:
    driver: local
    nodes:
      - labels: [local]
`;
}

interface Started {
  child: ChildProcess;
  client: ApiClient;
  first_ready_ms: number | null;
}

async function start(context: BenchContext, directory: string, ready: number): Promise<Started> {
  const config = join(directory, `ready-${ready}.yaml`);
  await writeFile(config, configuration(ready));
  const data = join(directory, 'data');
  const begun_ms = context.clock.monotonic_ms();
  const words = [PROGRAM, 'server', '--config', config, '--data', data, '--port', '0', '--log-level', 'error'];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const listening = new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (text: Buffer) => text.toString().includes('server ') && resolve());
    child.on('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
  await listening;
  const known = readClientFile(join(data, 'client.json'));
  if (known === null) throw new Error('the server wrote no client.json');
  const client = createClient({ url: known.url, headers: { authorization: `Bearer ${known.token}` } });
  while (ready > 0) {
    const { items } = await client.call('listNodes', { query: { state: 'ready' } });
    if (items.length > 0) break;
    if (context.clock.monotonic_ms() - begun_ms > START_WITHIN_MS) throw new Error('no node became ready');
    await context.clock.sleep(10);
  }
  return { child, client, first_ready_ms: context.clock.monotonic_ms() - begun_ms };
}

/** Deletes the nodes and ends the server. The next start finds a database, but no node. */
async function stop(context: BenchContext, { child, client }: Started): Promise<void> {
  for (const node of (await client.call('listNodes')).items) await client.call('deleteNode', { path: { id: node.id } });
  await context.clock.sleep(300);
  const ended = new Promise((resolve) => child.on('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

/** A process and all below it. */
function tree(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const stat = readIfThere(`/proc/${name}/stat`);
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const below = (pid: number): number[] => [pid, ...(children.get(pid) ?? []).flatMap(below)];
  return below(root);
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** Memory of processes, shared pages counted once (PSS), in MB. */
function memory_mb(pids: readonly number[]): number {
  const kilobytes = pids.map((pid) =>
    Number(/^Pss:\s+(\d+) kB/m.exec(readIfThere(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0),
  );
  return kilobytes.reduce((sum, value) => sum + value, 0) / 1024;
}

function cpu_seconds(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    const stat = readIfThere(`/proc/${pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  });
  return ticks.reduce((sum, value) => sum + value, 0) / TICKS_A_SECOND;
}

/** From the start of the program to the first ready node, and what the server takes while nothing happens. */
export async function* figures(context: BenchContext): AsyncIterable<Figure> {
  const directory = join(context.directory, 'start');
  await mkdir(directory, { recursive: true });
  const first = await start(context, directory, 1);
  yield figure('flow: very first start to first ready node', first.first_ready_ms ?? 0, 'ms', { at_most: 5000 });
  await stop(context, first);

  const warm_ms: number[] = [];
  for (let round = 0; round < STARTS; round++) {
    context.progress(`start ${round + 1} of ${STARTS}`);
    const server = await start(context, directory, 1);
    warm_ms.push(server.first_ready_ms ?? 0);
    await stop(context, server);
  }
  yield figure('flow: start to first ready node, median', median(warm_ms), 'ms', { at_most: 5000 });

  yield* idleFigures(context, directory);
}

/** What the server takes while nothing happens, beside an idle PostgreSQL with one heartbeat a second, both at once. */
async function* idleFigures(context: BenchContext, directory: string): AsyncGenerator<Figure> {
  const { clock, log } = context;
  const idle = await start(context, directory, 0);
  const bare = await startEmbedded({ data_directory: join(context.directory, 'bare'), clock, log });
  const connection = await openDatabase(bare.address, { max_connections: 1 });
  await sql`create table heartbeat as select clock_timestamp() as at`.execute(connection.db);
  const beat = clock.every(1_000, () => {
    void sql`update heartbeat set at = clock_timestamp()`.execute(connection.db).catch(() => undefined);
  });
  try {
    context.progress(`idle for ${(IDLE_ROUNDS * IDLE_FOR_MS) / 1000} s`);
    await clock.sleep(SETTLE_MS);
    const shares: Record<'the server' | 'PostgreSQL with a heartbeat', number[]> = {
      'the server': [],
      'PostgreSQL with a heartbeat': [],
    };
    const server = tree(idle.child.pid as number);
    const postgres = tree(bare.pid());
    for (let round = 0; round < IDLE_ROUNDS; round++) {
      const before = [cpu_seconds(server), cpu_seconds(postgres)];
      await clock.sleep(IDLE_FOR_MS);
      const after = [cpu_seconds(server), cpu_seconds(postgres)];
      const [ours = 0, floor = 0] = after.map((value, at) => (value - (before[at] as number)) / (IDLE_FOR_MS / 1000));
      shares['the server'].push(100 * ours);
      shares['PostgreSQL with a heartbeat'].push(100 * floor);
    }
    const name = 'flow: idle CPU';
    yield ratioFigure(
      `${name}, to PostgreSQL with a heartbeat`,
      shares['the server'],
      shares['PostgreSQL with a heartbeat'],
      {
        at_most: 2,
      },
    );
    yield* absoluteFigures(shares, '% of a core', (side) => `${name}, ${side}`);
    yield figure('flow: idle memory, server with its PostgreSQL', memory_mb(tree(idle.child.pid as number)), 'MB', {
      at_most: 200,
    });
  } finally {
    beat.stop();
    await connection.close();
    await bare.stop();
    await stop(context, idle);
  }
}
