import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Worker } from 'node:worker_threads';
import fastify from 'fastify';
import { afterEach, expect, it } from 'vitest';
import { createLog, silentLog } from '../../base/log.ts';
import { passDuring } from '../../base/testing/pass.ts';
import { virtualClock } from '../../base/testing/virtual-clock.ts';
import { boundBodies, limitConnections, openFilesMost } from './connections.ts';
import type { Api } from './context.ts';
import { streamedBody, streamedRoutes } from './streamed-body.ts';

const ends: (() => unknown)[] = [];
/** Bodies have their time by it, and drip by it. */
let clock = virtualClock();
afterEach(async () => {
  clock = virtualClock();
  for (const end of ends.splice(0).reverse()) await end();
});

/** Routes of each kind, whose bodies have 50 ms; `refused` answers before it reads. */
async function serve(): Promise<Api> {
  const app = fastify() as unknown as Api;
  boundBodies(app, clock, 50);
  app.addHook('onRequest', async (request, reply) => {
    if (request.url === '/refused') await reply.code(401).send('no');
  });
  app.post('/json', async (request) => request.body);
  await streamedRoutes(app, (scope) => {
    scope.post('/refused', async () => 'never');
    scope.post('/streamed', async (request, reply) => {
      return String((await buffer(streamedBody(request.raw, reply.raw))).length);
    });
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  ends.push(() => app.close());
  return app;
}

function open(app: Api): Socket {
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  ends.push(() => socket.destroy());
  return socket;
}

/** Sends the head of a request, then a byte every 10 ms, at most so many. */
function drip(app: Api, path: string, type: string, bytes: number): Socket {
  const socket = open(app);
  socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${bytes}\r\n\r\n`);
  let left = bytes;
  const timer = clock.every(10, () => {
    if (left-- > 0 && socket.writable) socket.write('1');
  });
  ends.push(() => timer.stop());
  return socket;
}

/** All that came until the connection ended, also when it broke under what is still being sent. */
async function heard(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (data: Buffer) => {
    text += data.toString();
  });
  await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

it('ends a connection whose body drips, with an answer when there was none', async () => {
  const app = await serve();
  const answer = await passDuring(clock, heard(drip(app, '/json', 'application/json', 1e6)));
  expect(answer).toMatch(/^HTTP\/1\.1 408 .*"code":"GC1005"/s);
});

/** In a thread of its own, so that it goes on sending while the server ends; says what each connection heard. */
const HASTY = `
  const { connect } = require('node:net');
  const { parentPort, workerData } = require('node:worker_threads');
  const send = () => new Promise((resolve) => {
    const socket = connect(workerData, '127.0.0.1');
    let text = '';
    socket.on('data', (data) => (text += data)).on('error', () => {}).on('close', () => resolve(text));
    socket.write('POST /json HTTP/1.1\\r\\nHost: x\\r\\nContent-Type: application/json\\r\\nContent-Length: 900000\\r\\n\\r\\n');
    const more = () => socket.writable && socket.write('1') !== null && setImmediate(more);
    more();
  });
  (async () => {
    const answers = [];
    for (let count = 0; count < 40; count++) answers.push((await send()).split(' ')[1]);
    parentPort.postMessage(answers);
  })();
`;

it('ends it so that its answer is heard, however much is still being sent', async () => {
  const app = await serve();
  const client = new Worker(HASTY, { eval: true, workerData: (app.server.address() as AddressInfo).port });
  ends.push(() => client.terminate());
  const [answers] = (await passDuring(clock, once(client, 'message'))) as [string[]];
  expect(answers).toEqual(Array(40).fill('408'));
});

it('ends one that goes on sending long after it was refused, whatever the route', async () => {
  const app = await serve();
  const answer = await passDuring(clock, heard(drip(app, '/refused', 'application/octet-stream', 1e6)));
  expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  expect(answer).not.toContain('408');
});

it('lets a streamed body take its time, and a connection go on after a body that came', async () => {
  const app = await serve();
  const slow = drip(app, '/streamed', 'application/octet-stream', 20);
  const [data] = (await passDuring(clock, once(slow, 'data'))) as [Buffer];
  expect(data.toString()).toMatch(/^HTTP\/1\.1 200 .*\r\n\r\n20$/s);
  const socket = open(app);
  for (let round = 0; round < 2; round++) {
    socket.write('POST /json HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n7');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /);
    await clock.advance(100);
  }
});

it('takes so many connections and says once that there were more', async () => {
  const app = await serve();
  const lines: string[] = [];
  const log = createLog('info', { write: (line: string) => void lines.push(line) });
  limitConnections(app.server, clock, log, 2);
  const first = [open(app), open(app)];
  await Promise.all(first.map((socket) => once(socket, 'connect')));
  for (let more = 0; more < 3; more++) await once(open(app), 'close');
  expect(lines.filter((line) => line.includes('connections were refused'))).toHaveLength(1);
  expect(first.every((socket) => !socket.destroyed)).toBe(true);
});

it('keeps well below the files that the process may open', () => {
  const limits = (soft: string) =>
    `Limit  Soft Limit  Hard Limit  Units\nMax open files            ${soft}  4096  files \n`;
  expect([openFilesMost(limits('1024')), openFilesMost(limits('unlimited')), openFilesMost('')]).toEqual([
    1024,
    null,
    null,
  ]);
  const server = { on: () => undefined, maxConnections: 0 } as unknown as Parameters<typeof limitConnections>[0];
  limitConnections(server, clock, silentLog);
  expect(server.maxConnections).toBeLessThan((openFilesMost() ?? 0) / 2);
  expect(server.maxConnections).toBeGreaterThan(0);
});
