import { connect } from 'node:net';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { GroundcrewError } from '../../base/errors/error.ts';
import { jobFile, submitRun } from '../../server/testing/filled.ts';
import { playAgent, putArtifact, takeRun } from '../../server/testing/played-agent.ts';
import { type ScratchServer, startScratch, until } from '../../server/testing/scratch-server.ts';
import { inAnyState } from '../../store/testing/states.ts';

const ARTIFACT = '/agent/v1/runs/1/1/artifact?path=a&kind=artifact&size=1';

let server: ScratchServer;

beforeAll(async () => {
  server = await startScratch();
});

// Runs go to the agent of their own test.
afterEach(async () => {
  const { db } = server.running.services.connection;
  await inAnyState(db, (tx) => tx.updateTable('nodes').set({ state: 'deleted' }).execute());
});

afterAll(() => server.close());

/** The status that is answered to the head of a request whose body never comes. */
function answerToHead(method: string, path: string, type: string, bearer: string | null): Promise<number> {
  const { hostname, port } = new URL(server.running.url);
  const socket = connect(Number(port), hostname);
  const authorization = bearer === null ? '' : `Authorization: Bearer ${bearer}\r\n`;
  socket.write(
    `${method} ${path} HTTP/1.1\r\nHost: x\r\n${authorization}Content-Type: ${type}\r\nContent-Length: 700000000\r\n\r\n`,
  );
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.once('data', (data) => {
      resolve(Number(data.toString().split(' ')[1]));
      socket.destroy();
    });
  });
}

describe('a body that is too large for memory', () => {
  it.each(['text/plain', 'application/json', 'application/octet-stream', 'application/gzip'])(
    'of type %s is not read when nobody known sends it',
    async (type) => {
      expect(await answerToHead('PUT', ARTIFACT, type, null)).toBe(401);
      expect(await answerToHead('PUT', ARTIFACT, type, 'x'.repeat(43))).toBe(401);
      expect(await answerToHead('PUT', ARTIFACT, type, server.admin)).toBe(401);
      expect(await answerToHead('POST', '/api/v1/checkouts', type, null)).toBe(401);
    },
  );

  it.each(['text/plain', 'application/json', 'application/json; charset=utf-8', 'multipart/form-data', ''])(
    'of type "%s" is not read, whoever sends it',
    async (type) => {
      const { secret } = await playAgent(server);
      expect(await answerToHead('PUT', ARTIFACT, type, secret)).toBe(415);
      expect(await answerToHead('POST', '/api/v1/checkouts', type, server.admin)).toBe(415);
    },
  );

  it('is no body of any other route', async () => {
    for (const type of ['text/plain', 'application/octet-stream', 'application/gzip']) {
      expect(await answerToHead('POST', '/api/v1/submissions', type, server.admin), type).toBe(415);
    }
  });
});

describe('a disk that fills up under a body', () => {
  /** Takes some of it, and then there is no room. */
  async function fillUp(_key: string, body: unknown): Promise<never> {
    let room_bytes = 2 ** 20;
    const disk = new Writable({
      write(piece: Buffer, _encoding, done) {
        room_bytes -= piece.length;
        done(room_bytes < 0 ? new GroundcrewError('GC1211', { detail: '/here' }) : null);
      },
    });
    await pipeline(body as NodeJS.ReadableStream, disk);
    throw new Error('there was room');
  }

  /**
   * As agents send it: the connection is for this one request. The rest of the body is sent after the answer has come,
   * as happens to whoever writes and reads at once; fails when the server cuts it off, since then an answer may be lost.
   */
  async function sendLarge(method: string, path: string, headers: Record<string, string>, body: Buffer) {
    const { hostname, port } = new URL(server.running.url);
    const agents = join(server.directory, 'data', 'agent', 'socket');
    const socket = path.startsWith('/agent/') ? connect(agents) : connect(Number(port), hostname);
    let answer = '';
    socket.on('data', (data) => {
      answer += data.toString();
    });
    const write = (data: string | Buffer): Promise<void> =>
      new Promise((resolve, reject) => {
        socket.once('error', reject);
        socket.write(data, (error) => (error ? reject(error) : resolve()));
      });
    const lines = Object.entries({ ...headers, 'content-length': body.length }).map((line) => line.join(': '));
    await write([`${method} ${path} HTTP/1.1`, 'host: x', 'connection: close', ...lines, '', ''].join('\r\n'));
    await write(body.subarray(0, 2 * 2 ** 20));
    await until('an answer', () => answer.endsWith('}'));
    await write(body.subarray(2 * 2 ** 20));
    socket.destroy();
    return answer;
  }

  const FULL = /^HTTP\/1.1 507 .*content-type: application\/problem\+json.*"code":"GC1211"/s;

  it('is told to the agent, which may send the file again', async () => {
    await submitRun(server, jobFile('1'));
    const agent = await playAgent(server);
    const run = await takeRun(agent);
    const { run_id, fence } = run;
    const put = vi.spyOn(server.running.services.blobs, 'put').mockImplementationOnce(fillUp);
    const size = 6 * 2 ** 20;
    const query = new URLSearchParams({ path: 'a.bin', kind: 'artifact', size: String(size) });
    const headers = {
      authorization: `Bearer ${agent.secret}`,
      'content-type': 'application/octet-stream',
      'x-content-sha256': '0'.repeat(64),
    };
    const path = `/agent/v1/runs/${run_id}/${fence}/artifact?${query}`;
    expect(await sendLarge('PUT', path, headers, Buffer.alloc(size))).toMatch(FULL);
    put.mockRestore();
    const again = await putArtifact(server, agent, run, { path: 'a.bin', kind: 'artifact', content: 'room again' });
    expect(again.status).toBe(204);
  });

  it('is told to a person, too', async () => {
    const put = vi.spyOn(server.running.services.blobs, 'put').mockImplementationOnce(fillUp);
    const headers = { authorization: `Bearer ${server.admin}`, 'content-type': 'application/gzip' };
    const body = Buffer.alloc(20 * 2 ** 20);
    body.set([0x1f, 0x8b]);
    expect(await sendLarge('POST', '/api/v1/checkouts', headers, body)).toMatch(FULL);
    put.mockRestore();
  });
});
