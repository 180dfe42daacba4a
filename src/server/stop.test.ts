import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { insertNode, nodeState } from '../flow/testing/runs.ts';
import { layoutOf } from '../store/embedded/cluster.ts';
import { jobFile, submitRun } from './testing/filled.ts';
import { dial, playAgent, takeRun } from './testing/played-agent.ts';
import { type ScratchServer, startScratch, until } from './testing/scratch-server.ts';

let server: ScratchServer;

beforeAll(async () => {
  server = await startScratch();
});

afterAll(() => server.close());

/** A request as it goes over the wire, so that it can stay unfinished. */
function send(text: string): Socket {
  const { hostname, port } = new URL(server.running.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.write(text.replaceAll('\n', '\r\n').replace('TOKEN', server.admin));
  return socket;
}

/** Has the server say that it has read the head. */
const EXPECT = 'Expect: 100-continue\n';

function collect(socket: Socket): { text: string; closed: boolean } {
  const seen = { text: '', closed: false };
  socket.on('data', (data) => {
    seen.text += String(data);
  });
  socket.on('close', () => {
    seen.closed = true;
  });
  return seen;
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** Freezes the database's own process, which makes no more then, and those that it made. */
function freezeDatabase(): number[] {
  const main = databaseProcess();
  process.kill(main, 'SIGSTOP');
  const children = childrenOf(main);
  for (const pid of children) process.kill(pid, 'SIGSTOP');
  return [main, ...children];
}

function databaseProcess(): number {
  const { cluster } = layoutOf(join(server.directory, 'data', 'pg'));
  return Number(readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n', 1)[0]);
}

function childrenOf(parent: number): number[] {
  const children = readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent;
    } catch {
      return false;
    }
  });
  return children.map(Number);
}

describe('while it serves', () => {
  it('200 requests, streams and websockets leave nothing open', async () => {
    const round = async (): Promise<void> => {
      await Promise.all([
        server.call('GET', '/api/v1/fleet').then((answer) => answer.text()),
        server.call('GET', '/api/v1/runs/999/log').then((answer) => answer.text()),
        server.call('GET', '/api/v1/events').then((answer) => answer.body?.cancel()),
        dial(server, 'nobody').catch(() => undefined),
        insertNode(server.running.services).then(async ({ token }) => (await dial(server, token)).terminate()),
      ]);
    };
    for (let rounds = 0; rounds < 5; rounds++) await round();
    const connected = async (): Promise<boolean> => {
      const text = await (await server.call('GET', '/metrics')).text();
      return !/^groundcrew_agents_connected 0$/m.test(text) || !/^groundcrew_streams_open 0$/m.test(text);
    };
    await until('nothing is connected', async () => !(await connected()));
    const before = descriptors();
    for (let rounds = 0; rounds < 40; rounds++) await round();
    // The connections to the database, ten at most, may be more than before; what every round leaves open is 40.
    await until('descriptors are closed', () => descriptors() <= before + 15);
    await until('nothing is connected', async () => !(await connected()));
    const complaints = server.lines.filter((line) => /"level":"(error|warn)"/.test(line));
    expect(complaints).toEqual([]);
  }, 120_000);

  it('without its database it says 503 and comes back by itself', async () => {
    const codes = async (): Promise<(number | string)[]> => {
      const ready = await server.call('GET', '/health/ready', { token: null });
      const body = (await ready.json()) as { code?: string };
      return [ready.status, body.code ?? ''];
    };
    expect(await codes()).toEqual([200, '']);
    const frozen = freezeDatabase();
    try {
      expect(await codes()).toEqual([503, 'GC1008']);
      expect((await server.call('GET', '/health/live', { token: null })).status).toBe(200);
    } finally {
      for (const pid of frozen) process.kill(pid, 'SIGCONT');
    }
    expect(await codes()).toEqual([200, '']);

    process.kill(databaseProcess(), 'SIGKILL');
    const seen = new Set<number>();
    await until('it is ready again', async () => {
      const answers = await Promise.all([codes(), server.call('GET', '/api/v1/fleet').then(({ status }) => [status])]);
      for (const [status] of answers) seen.add(Number(status));
      return seen.has(503) && answers.every(([status]) => status === 200);
    });
    // Never "something went wrong inside".
    expect([...seen].toSorted()).toEqual([200, 503]);
  }, 120_000);
});

describe('its end', () => {
  it('answers what is under way, cuts what does not end, and leaves nodes and runs alone', async () => {
    const { services } = server.running;
    const { run_id } = await submitRun(server, jobFile('stop'));
    const agent = await playAgent(server);
    await takeRun(agent);
    const agentClosed = new Promise<number>((resolve) => agent.socket.once('close', resolve));
    const host = 'Host: x\nAuthorization: Bearer TOKEN\n';
    const events = collect(send(`GET /api/v1/events HTTP/1.1\n${host}\n`));
    const log = collect(send(`GET /api/v1/runs/${run_id}/log/stream HTTP/1.1\n${host}\n`));
    const upload = collect(
      send(
        `POST /api/v1/checkouts HTTP/1.1\n${host}${EXPECT}Content-Type: application/gzip\nContent-Length: 1000\n\n\x1f`,
      ),
    );
    const body = JSON.stringify({ name: 'late', role: 'viewer' });
    const half = `POST /api/v1/tokens HTTP/1.1\n${host}${EXPECT}Content-Type: application/json\nContent-Length: ${body.length}\n\n`;
    const socket = send(half);
    const request = collect(socket);
    await until('the streams', () => events.text.includes('hello') && log.text.includes('200 OK'));
    await until('the requests', () => [upload, request].every(({ text }) => text.includes('100 Continue')));
    expect(await nodeState(services, agent.node_id)).toBe('running');
    const began_ms = systemClock.monotonic_ms();
    const stopped = server.running.stop();
    await until('the streams end', () => events.closed && log.closed);
    expect(await agentClosed).toBe(1001);
    socket.write(body);
    await until('the answer', () => request.text.includes('HTTP/1.1 201'));
    await stopped;
    await until('the upload is cut', () => upload.closed);
    // 5 s for what does not end, and the database's own end.
    expect(systemClock.monotonic_ms() - began_ms).toBeLessThan(20_000);
    const complaints = server.lines.filter((line) => line.includes('did not stop cleanly'));
    expect(complaints).toEqual([]);
  }, 120_000);
});
