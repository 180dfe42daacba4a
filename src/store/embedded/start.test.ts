import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { needs } from '../../../tools/needs/needs.ts';
import { systemClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { systemRandom } from '../../base/random.ts';
import { anyMoment } from '../../base/testing/any-moment.ts';
import { until } from '../../base/testing/until.ts';
import { ask, processesIn, startServerProcess } from '../testing/servers.ts';
import { findBinaries } from './binaries.ts';
import { layoutOf } from './cluster.ts';
import { type EmbeddedOptions, type EmbeddedPostgres, startEmbedded } from './start.ts';
import { chooseMode, modeOfExisting } from './user.ts';

// Each makes a cluster or two, with everything written through: 3 s of a quiet machine, and 20 of one with much to do.
vi.setConfig({ testTimeout: 120_000 });

const root = realpathSync(mkdtempSync(join(tmpdir(), 'groundcrew-embedded-')));
const running: EmbeddedPostgres[] = [];
const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const server of running.splice(0)) await server.stop();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function fresh(): string {
  return mkdtempSync(join(root, 'data-'));
}
async function start(data_directory: string, options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbedded({ data_directory, clock: systemClock, log: silentLog, ...options });
  running.push(server);
  return server;
}
async function stop(server: EmbeddedPostgres): Promise<void> {
  running.splice(running.indexOf(server), 1);
  await server.stop();
}
/** Null while the file is being written. */
function pidIn(directory: string): number | null {
  try {
    const [pid] = readFileSync(join(layoutOf(directory).cluster, 'postmaster.pid'), 'utf8').split('\n');
    return Number(pid) || null;
  } catch {
    return null;
  }
}
test('a first start makes the directory, a second one finds everything; between them nothing runs', async () => {
  const directory = join(fresh(), 'deep', 'pg');
  const first = await start(directory);
  expect(first).toMatchObject({ is_new: true, version: expect.stringMatching(/^18\./) });
  expect(statSync(directory).mode & 0o077).toBe(0);
  expect(await ask(first.address, 'show listen_addresses')).toEqual([{ listen_addresses: '' }]);
  expect(await ask(first.address, 'show synchronous_commit')).toEqual([{ synchronous_commit: 'on' }]);
  expect(await ask(first.address, 'show fsync')).toEqual([{ fsync: 'on' }]);
  await ask(first.address, 'create table t as select 7 as n');
  await stop(first);
  expect(processesIn(directory)).toEqual([]);
  const second = await start(directory);
  expect(second.is_new).toBe(false);
  expect(await ask(second.address, 'select n from t')).toEqual([{ n: 7 }]);
});

test('a second server on the same directory is refused, by pid and time; the first goes on', async () => {
  const directory = fresh();
  const server = await start(directory);
  const refused = {
    code: 'GC1207',
    message: expect.stringMatching(new RegExp(`pid ${process.pid}, since \\d\\d:\\d\\d\\) uses ${directory}`)),
  };
  await expect(start(directory)).rejects.toMatchObject(refused);
  const other = startServerProcess(directory);
  children.push(other.process);
  expect(await other.line('error')).toContain(`error GC1207`);
  expect(await ask(server.address, 'select 1 as one')).toEqual([{ one: 1 }]);
  await stop(server);
  await start(directory);
});

test('of many that start at once on a new directory, one wins and the others are told by whom', async () => {
  const directory = fresh();
  const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => start(directory)));
  expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
  for (const outcome of outcomes)
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'GC1207' });
});

test('a first start that was killed in the middle is done again', async () => {
  const directory = fresh();
  const layout = layoutOf(directory);
  mkdirSync(layout.unfinished, { recursive: true });
  writeFileSync(join(layout.unfinished, 'PG_VERSION'), '18\n');
  writeFileSync(layout.record, 'not even whole');
  expect((await start(directory)).is_new).toBe(true);
});

test('pid files whose numbers belong to strangers by now do not stop a start, nor the strangers', async () => {
  const directory = fresh();
  const server = await start(directory);
  await stop(server);
  const stranger = spawn('sleep', ['60']);
  children.push(stranger);
  const { cluster } = layoutOf(directory);
  writeFileSync(
    join(cluster, 'postmaster.pid'),
    `${stranger.pid}\n${cluster}\n1700000000\n5432\n${server.address.socket_directory}\n`,
  );
  mkdirSync(server.address.socket_directory, { recursive: true });
  writeFileSync(
    join(server.address.socket_directory, '.s.PGSQL.5432.lock'),
    `${stranger.pid}\n${cluster}\n1700000000\n5432\n`,
  );
  await start(directory);
  expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
});

// Root without namespaces has PostgreSQL run as another user, who finds no way to the orphan's directory.
const orphans = needs(...(process.getuid?.() === 0 ? (['namespaces'] as const) : []));

test(
  'an orphaned PostgreSQL is told to stop, waited out, and replaced; a shell in its directory is left alone',
  orphans,
  async () => {
    const directory = fresh();
    const server = await start(directory);
    await ask(server.address, 'create table t as select 7 as n');
    await stop(server);
    const { cluster } = layoutOf(directory);
    const { prefix } = chooseMode('auto');
    // As one whose server died before it could bind it to its life.
    const [command, ...parameters] = [...prefix, join(findBinaries().root, 'bin', 'postgres'), '-D', cluster];
    const orphan = spawn(command as string, [...parameters, '-k', directory, '-c', 'listen_addresses='], {
      ...{ cwd: cluster, stdio: 'ignore', env: { PATH: process.env.PATH, LC_ALL: 'C' } },
    });
    children.push(orphan);
    const shell = spawn('sleep', ['60'], { cwd: cluster });
    children.push(shell);
    await until(() => existsSync(join(directory, '.s.PGSQL.5432')));
    const next = await start(directory);
    expect(next.pid()).not.toBe(orphan.pid);
    expect(orphan.exitCode).toBe(0);
    expect(shell.exitCode ?? shell.signalCode).toBeNull();
    expect(await ask(next.address, 'select n from t')).toEqual([{ n: 7 }]);
  },
);

test('a directory of another major version says what to do', async () => {
  const directory = fresh();
  await stop(await start(directory));
  const { record } = layoutOf(directory);
  writeFileSync(record, readFileSync(record, 'utf8').replace('"major":18', '"major":17'));
  await expect(start(directory)).rejects.toMatchObject({
    code: 'GC1209',
    message: expect.stringMatching(/made by PostgreSQL 17, and this version brings PostgreSQL 18/),
    next: expect.stringContaining('groundcrew export'),
  });
});

test('a path that is too long for a socket gets a short one, which goes away again', async () => {
  const directory = join(fresh(), 'long-'.repeat(20), 'pg');
  const server = await start(directory);
  const { socket_directory } = server.address;
  expect(socket_directory.startsWith(directory)).toBe(false);
  expect(statSync(socket_directory).mode & 0o777).toBe(0o700);
  expect(await ask(server.address, 'select 1 as one')).toEqual([{ one: 1 }]);
  await stop(server);
  expect(existsSync(socket_directory)).toBe(false);
});

test('SIGKILL of PostgreSQL in the middle of writes: it is started again, and what was acknowledged is there', async () => {
  const directory = fresh();
  const child = startServerProcess(directory);
  children.push(child.process);
  let pid = Number((await child.line('ready'))?.split(' ')[1]);
  for (let round = 1; round <= 3; round++) {
    const before = child.kept().length;
    await until(() => child.kept().length > before + 100);
    const killed = pid;
    process.kill(killed, 'SIGKILL');
    // Words that were said before the kill may still be on their way: only the new one's pid tells that it is there.
    await until(() => {
      pid = pidIn(directory) ?? killed;
      return pid !== killed;
    });
    const at_return = child.kept().length;
    await until(() => child.kept().length > at_return + 50);
  }
  await child.end('SIGTERM');
  await expectKept(directory, child.kept());
});

test('SIGKILL of the server in the middle of writes, again and again: PostgreSQL ends by itself, nothing is lost', async () => {
  const directory = fresh();
  const kept: number[] = [];
  for (let round = 1; round <= 4; round++) {
    const child = startServerProcess(directory);
    children.push(child.process);
    expect(await child.line('ready')).not.toBeNull();
    await until(() => child.kept().length > 40 * round);
    await child.end('SIGKILL');
    kept.push(...child.kept());
    // Every second time the next server meets the one that is still stopping.
    if (round % 2 === 0) await until(() => processesIn(directory).length === 0);
  }
  await expectKept(directory, kept);
});

test('SIGKILL of the server during the very first start', async () => {
  const directory = fresh();
  const { unfinished, cluster } = layoutOf(directory);
  const stages = [
    () => existsSync(unfinished),
    () => existsSync(join(unfinished, 'PG_VERSION')),
    () => existsSync(cluster),
    () => pidIn(directory) !== null,
  ];
  for (const stage of stages) {
    const child = startServerProcess(directory);
    children.push(child.process);
    await until(stage);
    await anyMoment(systemRandom, 50);
    await child.end('SIGKILL');
  }
  const server = await start(directory);
  expect(await ask(server.address, 'select 1 as one')).toEqual([{ one: 1 }]);
});

async function expectKept(directory: string, acknowledged: number[], at_least = 100): Promise<void> {
  const server = await start(directory);
  const rows = await ask<{ number: number }>(server.address, 'select number from kept');
  const there = new Set(rows.map((row) => row.number));
  expect(acknowledged.length).toBeGreaterThanOrEqual(at_least);
  expect(acknowledged.filter((number) => !there.has(number))).toEqual([]);
}

test(
  'as root without user namespaces: as another user, below a directory that only root may enter',
  needs('root'),
  async () => {
    const directory = join(fresh(), 'pg');
    const server = await start(directory, { mode: 'setpriv' });
    expect(statSync(layoutOf(directory).cluster).uid).toBe(65_534);
    await ask(server.address, 'create table t as select 7 as n');
    await stop(server);
    // Remembered: nothing is said about the mode.
    const again = await start(directory);
    expect(await ask(again.address, 'select n from t')).toEqual([{ n: 7 }]);
    // Others that share the user must not get in: an error instead of an authentication request that succeeds.
    const as_nobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];
    const knock = `
    const words = Buffer.from('user\\0groundcrew\\0database\\0groundcrew\\0\\0');
    const head = Buffer.alloc(8); head.writeInt32BE(8 + words.length, 0); head.writeInt32BE(196608, 4);
    const socket = require('net').connect('${again.address.socket_directory}/.s.PGSQL.5432');
    socket.on('connect', () => socket.write(Buffer.concat([head, words])));
    socket.once('data', (data) => process.exit(data.toString('latin1', 0, 1) === 'E' ? 7 : 1));`;
    const knocked = spawnSync('setpriv', [...as_nobody, process.execPath, '-e', knock], { timeout: 10_000 });
    if (knocked.status === 127 || knocked.status === 126)
      console.info('not tried as nobody: that user may not run this Node');
    else expect(knocked.status).toBe(7);
    await stop(again);
    const child = startServerProcess(directory);
    children.push(child.process);
    await child.line('kept');
    await child.end('SIGKILL');
    await until(() => processesIn(directory).length === 0);
    await expectKept(directory, child.kept(), 1);
  },
);

test('as an ordinary user, directly; and what root made is refused to that user', needs('nobody'), async () => {
  const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
  const home = mkdtempSync('/tmp/groundcrew-user-');
  try {
    spawnSync('chown', ['65534:65534', home]);
    for (let round = 0; round < 2; round++) {
      const child = startServerProcess(join(home, 'pg'), 'auto', nobody);
      children.push(child.process);
      expect(await child.line('ready')).toMatch(/^ready \d+ 18/);
      await child.line('kept');
      await child.end('SIGTERM');
    }
    expect(readFileSync(join(home, 'pg', 'made-by.json'), 'utf8')).toContain('"mode":"direct"');
    // Root may use it after all, as that user.
    const server = await start(join(home, 'pg'));
    expect(await ask<{ count: number }>(server.address, 'select count(*)::int as count from kept')).not.toEqual([
      { count: 0 },
    ]);
    await stop(server);
    expect(() => modeOfExisting('/d', { mode: 'unshare', uid: 1, gid: 1 })).not.toThrow();
    const other = startServerProcess(fresh(), 'auto', nobody);
    children.push(other.process);
    expect(await other.line('error')).toContain('error GC1210');
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

test('a disk that is full at the first start, and later in the middle of writes', {
  ...needs('mounts'),
  timeout: 60_000,
}, async () => {
  const disk = fresh();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', disk]);
  try {
    await expect(start(join(disk, 'pg'))).rejects.toMatchObject({ code: 'GC1211' });
    spawnSync('mount', ['-o', 'remount,size=120m', disk]);
    const server = await start(join(disk, 'pg'));
    await ask(server.address, 'create table kept (number int, filler text)');
    let acknowledged = 0;
    const fill = `insert into kept select n, repeat(md5(n::text), 30) from generate_series(1, 1000) n`;
    const failure = await (async () => {
      for (; acknowledged < 1_000; acknowledged++) await ask(server.address, fill);
      return null;
    })().catch((error: unknown) => error);
    expect(failure).not.toBeNull();
    spawnSync('mount', ['-o', 'remount,size=400m', disk]);
    const counted = async () => ask<{ count: number }>(server.address, 'select count(*)::int as count from kept');
    let rows: { count: number }[] = [];
    await until(async () => {
      rows = await counted().catch(() => []);
      return rows.length > 0;
    });
    // The one that failed may have been committed, and its answer lost.
    expect([acknowledged * 1_000, (acknowledged + 1) * 1_000]).toContain(rows[0]?.count);
    await ask(server.address, fill);
    await stop(server);
  } finally {
    for (const server of running.splice(0)) await server.stop();
    spawnSync('umount', [disk]);
  }
});
