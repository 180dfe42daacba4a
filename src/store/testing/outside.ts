import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { PROGRAMS } from '../../../tools/needs/programs.ts';
import { until } from '../../base/testing/until.ts';
import { chooseMode } from '../embedded/user.ts';

/** A PostgreSQL 15 as an operator would run it: over TCP, with passwords. */
export async function startOutside(): Promise<{ url: string; stop(): Promise<void> }> {
  const directory = mkdtempSync(join(tmpdir(), 'groundcrew-outside-'));
  const run_as = chooseMode('auto');
  if (run_as.uid !== process.getuid?.()) chownSync(directory, run_as.uid, run_as.gid);
  const run = (program: string, parameters: string[]): ChildProcess => {
    const [command, ...rest] = [
      ...run_as.prefix,
      'setpriv',
      '--pdeathsig',
      'INT',
      join(PROGRAMS['postgresql-15'].directory, program),
    ];
    return spawn(command as string, [...rest, ...parameters], { cwd: directory, stdio: 'ignore' });
  };
  const password_file = join(directory, 'password');
  writeFileSync(password_file, 's3cret/+\n', { mode: 0o644 });
  const made = run('initdb', [
    '-D',
    'data',
    '-U',
    'crew',
    '--auth=scram-sha-256',
    '--pwfile=password',
    '-E',
    'UTF8',
    '--no-sync',
  ]);
  await ended(made);
  const port = await freePort();
  const server = run('postgres', [
    '-D',
    'data',
    '-k',
    directory,
    '-p',
    String(port),
    '-c',
    'listen_addresses=127.0.0.1',
    '-F',
  ]);
  const url = `postgres://crew:${encodeURIComponent('s3cret/+')}@127.0.0.1:${port}/postgres`;
  const stop = async (): Promise<void> => {
    server.kill('SIGINT');
    await ended(server);
    rmSync(directory, { recursive: true, force: true });
  };
  await until(async () => {
    if (server.exitCode !== null) throw new Error('PostgreSQL 15 did not start');
    return await answers(url);
  }, 'an answer of PostgreSQL 15');
  return { url, stop };
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client(url);
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
