import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemRandom } from '../../src/base/random.ts';
import { anyMoment } from '../../src/base/testing/any-moment.ts';
import { discard, httpRequest, serverAddress } from './http.ts';

/** In a thread of its own, so that it answers while the client is still busy with its request. */
const SERVER = `
  const { createServer } = require('node:http');
  const { parentPort, workerData } = require('node:worker_threads');
  const refuse = (response) => response.writeHead(413).end();
  createServer((request, response) => {
    if (request.url === '/early') refuse(response);
    else request.once('end', () => refuse(response)).resume();
  }).listen(workerData, () => parentPort.postMessage('listening'));
`;

let directory: string;
let server: Worker;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'agent-http-'));
  server = new Worker(SERVER, { eval: true, workerData: join(directory, 'socket') });
  await new Promise((resolve) => server.once('message', resolve));
});
afterEach(async () => {
  await server.terminate();
  rmSync(directory, { recursive: true, force: true });
});

async function put(path: string, parts: readonly Buffer[], hold: () => Promise<unknown>): Promise<number | undefined> {
  async function* content(): AsyncGenerator<Buffer> {
    for (const part of parts) {
      yield part;
      await hold();
    }
  }
  const response = await httpRequest(serverAddress(`unix:${join(directory, 'socket')}`), {
    method: 'PUT',
    path,
    bearer: null,
    headers: { 'content-length': Buffer.concat(parts).length },
    body: Readable.from(content(), { objectMode: false }),
    idle_timeout_ms: 60_000,
  });
  await discard(response);
  return response.statusCode;
}

test('an answer that comes before the request has ended is never lost', async () => {
  for (let index = 0; index < 500; index++) {
    // The end of the body comes just about when the server has answered.
    const hold = () => anyMoment(systemRandom, 1);
    expect(await put('/', [Buffer.from('a\n')], hold)).toBe(413);
  }
});

test('a server that refuses before it has read all is heard', async () => {
  const parts = Array.from({ length: 64 }, () => Buffer.alloc(2 ** 18));
  for (let index = 0; index < 50; index++) {
    expect(await put('/early', parts, () => Promise.resolve())).toBe(413);
  }
});
