import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../server/testing/scratch-server.ts';
import { type RealServer, startReal, writeJob } from './testing/real-server.ts';

const MAIN = join(import.meta.dirname, '..', 'main.ts');
const PASSING = '<testsuite name="s"><testcase name="t"/></testsuite>';

let real: RealServer;
const children: ChildProcess[] = [];

beforeAll(async () => {
  real = await startReal();
}, 60_000);

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await real?.close();
}, 60_000);

function start(
  words: readonly string[],
  shell?: string,
): {
  child: ChildProcess;
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
  said(text: string): Promise<void>;
} {
  const environment = { ...process.env, ...real.environment, DATABASE_URL: '', MAIN, NODE: process.execPath };
  const { DATABASE_URL: _unset, ...env } = environment;
  const child =
    shell === undefined
      ? spawn(process.execPath, [MAIN, ...words], { cwd: real.directory, env })
      : spawn('bash', ['-c', shell], { cwd: real.directory, env });
  children.push(child);
  const parts = { stdout: '', stderr: '' };
  let closed = false;
  child.once('close', () => {
    closed = true;
  });
  child.stdout?.on('data', (data: Buffer) => {
    parts.stdout += data.toString();
  });
  child.stderr?.on('data', (data: Buffer) => {
    parts.stderr += data.toString();
  });
  return {
    child,
    ended: once(child, 'close').then(([code]) => ({ code: code as number | null, ...parts })),
    async said(text) {
      while (!`${parts.stdout}${parts.stderr}`.includes(text)) {
        // Not at its exit: what it wrote last may come after that.
        if (closed) throw new Error(`it ended without "${text}": ${parts.stdout}${parts.stderr}`);
        await Promise.race([
          once(child.stdout as NodeJS.ReadableStream, 'data'),
          once(child.stderr as NodeJS.ReadableStream, 'data'),
          once(child, 'close'),
        ]);
      }
    },
  };
}

test('a reader that goes away ends it quietly', async () => {
  const result = await start([], '"$NODE" "$MAIN" --help | true; echo "${PIPESTATUS[0]}"').ended;
  expect(result).toMatchObject({ stderr: '' });
  // The help may have been written before the reader was gone.
  expect(['141\n', '0\n']).toContain(result.stdout);
  const full = await start([], '"$NODE" "$MAIN" fleet > /dev/full').ended;
  expect(full).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot write the answer') });
}, 30_000);

test('Ctrl-C while waiting leaves the runs alone and says so', async () => {
  writeJob(real, 'slow', PASSING, 'timeout: 1m\n');
  const file = writeJob(real, 'slow', PASSING.replace('<testsuite', '<!-- slow --><testsuite'));
  const waiting = start(['job', 'submit', file, '--var', 'VERSION=1', '--wait']);
  await waiting.said('Submission 1');
  waiting.child.kill('SIGINT');
  const result = await waiting.ended;
  expect(result.code === 130 ? result.stderr : '').toContain('The runs go on. End them with: groundcrew job cancel 1');
}, 30_000);

test('a server on a taken port, or on data in use, says which', async () => {
  const port = new URL(real.server.running.url).port;
  const data = join(real.directory, 'second');
  const taken = await start(['server', '--port', port, '--data', data, '--log-level', 'error']).ended;
  expect(taken).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^GC1006 {2}Cannot listen on 127\.0\.0\.1:\d+: the port is taken\./),
  });
  const used = await start(['server', '--port', '0', '--log-level', 'error']).ended;
  expect(used).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^GC1207 {2}A server \(pid \d+, since .*\) uses .* already\.\n {8}Stop it, or name another directory/,
    ),
  });
}, 60_000);

test('SIGTERM ends a server in order, and a token is shown on the first start only', async () => {
  const words = ['server', '--port', '0', '--data', 'third', '--roles', 'api,worker', '--log-level', 'warn'];
  const first = start(words);
  await first.said('Dashboard: groundcrew enter');
  first.child.kill('SIGTERM');
  const result = await first.ended;
  expect(result).toMatchObject({ code: 0, stderr: expect.stringContaining('✓ stopped') });
  // Not where commands that are typed here look.
  expect(result.stdout).toContain('\nFleet: groundcrew fleet --data third\n');
  expect(result.stdout).toMatch(
    /^✓ database {2}PostgreSQL .*\n✓ server {4}http:\/\/127\.0\.0\.1:\d+\n\nAdmin token, shown this once:\n {4}[\w-]{43}\n/,
  );
  const second = start([...words, '--json']);
  await second.said('"url"');
  second.child.kill('SIGINT');
  const again = await second.ended;
  expect(JSON.parse(again.stdout)).toMatchObject({ admin_token: null, database: expect.stringContaining('embedded') });
  expect(again.code).toBe(0);
}, 60_000);

test('a server that ends says how many nodes go on, and with --end-nodes it deletes them first', async () => {
  const isolation = String(real.server.running.services.config().providers.here?.options.isolation);
  writeFileSync(
    join(real.directory, 'nodes.yaml'),
    `labels: {jammy: {ready: 1}}\nproviders: {here: {driver: local, isolation: ${isolation}, nodes: [{labels: [jammy]}]}}\n`,
  );
  const machines = (): string[] => readdirSync(join(real.directory, 'fourth', 'nodes'));
  const words = ['server', '--port', '0', '--data', 'fourth', '--config', 'nodes.yaml', '--log-level', 'error'];
  const first = start(words);
  await first.said('Dashboard: groundcrew enter');
  await until('a machine', () => existsSync(join(real.directory, 'fourth', 'nodes')) && machines().length === 1);
  first.child.kill('SIGTERM');
  expect(await first.ended).toMatchObject({
    code: 0,
    stderr: expect.stringContaining(
      '✓ stopped; 1 node goes on without it; the next start finds it, and with groundcrew server --end-nodes',
    ),
  });
  expect(machines()).toHaveLength(1);
  const second = start([...words, '--end-nodes']);
  await second.said('Dashboard: groundcrew enter');
  second.child.kill('SIGTERM');
  expect(await second.ended).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('✓ stopped, and every node is deleted'),
  });
  expect(machines()).toEqual([]);
  const refused = await start([...words, '--end-nodes', '--roles', 'api']).ended;
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--end-nodes needs the role fleet') });
}, 120_000);

test('SIGHUP reads the file again: a broken one changes nothing and says why, another moves the nodes', async () => {
  const isolation = String(real.server.running.services.config().providers.here?.options.isolation);
  const file = join(real.directory, 'again.yaml');
  const write = (provider: string, more = ''): void =>
    writeFileSync(
      file,
      `labels: {jammy: {ready: 1}}\nproviders: {${provider}: {driver: local, isolation: ${isolation}, nodes: [{labels: [jammy]}]}}\n${more}`,
    );
  write('first');
  const words = ['server', '--port', '0', '--data', 'fifth', '--config', 'again.yaml', '--end-nodes'];
  const server = start(words);
  await server.said('Dashboard: groundcrew enter');
  const client = JSON.parse(readFileSync(join(real.directory, 'fifth', 'client.json'), 'utf8'));
  const ready = async (): Promise<string[]> => {
    const authorization = `Bearer ${client.token}`;
    const response = await fetch(`${client.url}/api/v1/nodes`, { headers: { authorization } });
    const { items } = (await response.json()) as { items: { state: string; provider: string }[] };
    return items.filter(({ state }) => state !== 'deleted').map(({ state, provider }) => `${provider} ${state}`);
  };
  const are = (nodes: string) => until(nodes, async () => (await ready()).join() === nodes);
  await are('first ready');
  write('second', 'lables: {}\n');
  server.child.kill('SIGHUP');
  await server.said('the configuration stays as it was');
  await server.said('lables: unknown key');
  expect(await ready()).toEqual(['first ready']);
  write('second');
  server.child.kill('SIGHUP');
  await server.said('the configuration was read again');
  await are('second ready');
  server.child.kill('SIGTERM');
  expect((await server.ended).code).toBe(0);
}, 120_000);
