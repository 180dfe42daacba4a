import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../store/testing/database.ts';
import { readClientFile } from './client-file.ts';
import { startServer } from './server.ts';
import { scratchOptions } from './testing/scratch-server.ts';
import { killProcesses, processesOf, type ServerProcess, startProcess } from './testing/server-process.ts';

let directory: string;
let database: TestDatabase;
let database_url: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'groundcrew start '));
  database = await testDatabase();
  const { user, database: name, socket_directory, port } = database.address;
  database_url = `postgresql://${user}@localhost:${port}/${name}?host=${encodeURIComponent(socket_directory)}`;
});

afterAll(async () => {
  killProcesses();
  await database.close();
  rmSync(directory, { recursive: true, force: true });
});

function place(name: string): string {
  return join(directory, name);
}

async function started(at: string, url: string | null = null): Promise<ServerProcess> {
  const server = await startProcess(at, url);
  if (typeof server === 'string') throw new Error(`did not start: ${server}`);
  return server;
}

async function look(server: ServerProcess, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${server.url}/api/v1/whoami`, { headers })).status;
}

describe('a first start, and the next ones', () => {
  it('shows the admin token once, keeps the local one for its owner, and never logs either', async () => {
    const at = place('first');
    const file = join(at, 'data', 'client.json');
    const first = await started(at);
    const admin = first.admin_token as string;
    expect(admin).toMatch(/^[\w-]{43}$/);
    const known = readClientFile(file);
    expect(known).toEqual({ url: first.url, token: expect.stringMatching(/^[\w-]{43}$/) });
    expect(known?.token).not.toBe(admin);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(at, 'data')).mode & 0o777).toBe(0o700);
    expect([await look(first, admin), await look(first, known?.token as string)]).toEqual([200, 200]);
    expect(await first.end('SIGTERM')).toBe(0);
    expect(first.written()).toContain('stopped');

    // Somebody opened it up, and a killed server left a draft that anybody may read.
    chmodSync(file, 0o644);
    writeFileSync(`${file}.new`, 'half', { mode: 0o666 });
    const second = await started(at);
    expect(second.admin_token).toBeNull();
    expect(readClientFile(file)).toEqual({ url: second.url, token: known?.token });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(existsSync(`${file}.new`)).toBe(false);
    expect([await look(second, admin), await look(second, known?.token as string)]).toEqual([200, 200]);

    // Killed in any moment: the socket that it leaves is replaced, its database comes back.
    await second.end('SIGKILL');
    expect(existsSync(join(at, 'data', 'agent', 'socket'))).toBe(true);
    writeFileSync(file, '{"url":');
    const third = await started(at);
    expect(await look(third, admin)).toBe(200);
    const renewed = readClientFile(file) as { token: string };
    expect(await look(third, renewed.token)).toBe(200);
    expect(await third.end('SIGTERM')).toBe(0);

    for (const server of [first, second, third]) {
      const logged = server.written().replace(/^started .*$/m, '');
      for (const secret of [admin, known?.token as string, renewed.token]) expect(logged).not.toContain(secret);
    }
    expect(processesOf(at)).toEqual([]);
  }, 120_000);
});

describe('a start that is refused', () => {
  it('port taken: GC1006, and nothing is left running or locked', async () => {
    const at = place('port');
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const port = (other.address() as { port: number }).port;
    await expect(startServer({ ...scratchOptions(at), port })).rejects.toMatchObject({
      ...{ code: 'GC1006', message: `Cannot listen on 127.0.0.1:${port}: the port is taken.` },
    });
    expect(processesOf(at)).toEqual([]);
    // Not a database of 64 MB for a server that never was.
    expect(existsSync(scratchOptions(at).data_directory)).toBe(false);
    other.close();
    const server = await startServer(scratchOptions(at));
    // The token that nobody has seen was not made at the start that failed.
    expect(server.admin_token).not.toBeNull();
    await server.stop();
    await server.stop();
    expect(processesOf(at)).toEqual([]);
  }, 120_000);

  it('an address that this machine does not have: GC1014', async () => {
    const options = { ...scratchOptions(place('address')), database_url, host: '192.0.2.1' };
    await expect(startServer(options)).rejects.toMatchObject({ code: 'GC1014' });
  });

  it('a data directory that cannot be one: GC1013', async () => {
    writeFileSync(place('file'), '');
    for (const data_directory of [place('file'), join(place('file'), 'below'), '/sys/groundcrew']) {
      const start = startServer({ ...scratchOptions(directory), data_directory });
      await expect(start, data_directory).rejects.toMatchObject({ code: 'GC1013' });
    }
  });

  it('a data directory in use: GC1207, with either database', async () => {
    const at = place('twice');
    const first = await started(at);
    expect(await startProcess(at)).toBe('GC1207');
    expect(await startProcess(at, database_url)).toBe('GC1207');
    expect(await look(first, readClientFile(join(at, 'data', 'client.json'))?.token as string)).toBe(200);
    await first.end('SIGTERM');
    const outside = await started(at, database_url);
    expect(await startProcess(at, database_url)).toBe('GC1207');
    expect(await startProcess(at)).toBe('GC1207');
    await outside.end('SIGTERM');
  }, 120_000);

  it('a database that is not there: said, and nothing is left', async () => {
    const options = { ...scratchOptions(place('nowhere')), database_url: 'postgresql://a:geheim@127.0.0.1:1/x' };
    const error = await startServer(options).catch((thrown: unknown) => thrown as Error & { code: string });
    expect(error).toMatchObject({ code: 'GC1201' });
    expect(`${(error as Error).message}${options.lines.join('')}`).not.toContain('geheim');
  });

  it('a directory whose path is too long for a socket: GC1014, and nothing is left', async () => {
    const at = place('x'.repeat(120));
    await expect(startServer({ ...scratchOptions(at), database_url })).rejects.toMatchObject({ code: 'GC1014' });
    expect(processesOf(at)).toEqual([]);
  });
});

describe('many servers on one database', () => {
  it('make one admin token', async () => {
    const fresh = await testDatabase();
    const url = database_url.replace(database.address.database, fresh.address.database);
    const servers = await Promise.all(
      ['one', 'two', 'three'].map((name) => startServer({ ...scratchOptions(place(name)), database_url: url })),
    );
    expect(servers.filter(({ admin_token }) => admin_token !== null)).toHaveLength(1);
    const urls = servers.map(({ url: own }) => own);
    for (const [index, name] of ['one', 'two', 'three'].entries()) {
      const known = JSON.parse(readFileSync(join(place(name), 'data', 'client.json'), 'utf8')) as { url: string };
      expect(known.url).toBe(urls[index]);
    }
    await Promise.all(servers.map((server) => server.stop()));
    await fresh.close();
  }, 120_000);
});
