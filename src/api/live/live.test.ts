import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillRun, jobFile, submitRun } from '../../server/testing/filled.ts';
import { finishRun, playAgent, sayLog, takeRun } from '../../server/testing/played-agent.ts';
import { type ScratchServer, startScratch, until } from '../../server/testing/scratch-server.ts';
import { notify } from '../../store/notify.ts';
import { Changes } from './events.ts';

let server: ScratchServer;

beforeAll(async () => {
  server = await startScratch();
});

afterAll(() => server.close());

interface Event {
  event: string;
  id: string;
  data: string;
}

/** Reads a stream of events into a list until it is told to stop. */
async function readStream(path: string, headers: Record<string, string> = {}) {
  const answer = await server.call('GET', path, { headers });
  expect(answer.headers.get('content-type')).toBe('text/event-stream');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  const events: Event[] = [];
  const ended = (async () => {
    const decoder = new TextDecoder();
    for (let text = ''; ; ) {
      const { done, value } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() as string;
      for (const block of blocks) {
        const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
        if (field('event') !== '') events.push({ event: field('event'), id: field('id'), data: field('data') });
      }
    }
  })();
  return { events, ended, stop: () => reader.cancel() };
}

function logText(events: readonly Event[]): string {
  const pieces = events.filter(({ event }) => event === 'log').map(({ data }) => Buffer.from(data, 'base64'));
  return Buffer.concat(pieces).toString();
}

/** A reader that asks and then takes nothing. */
async function sluggish(path: string): Promise<Socket> {
  const { hostname, port } = new URL(server.running.url);
  const socket = connect(Number(port), hostname);
  socket.pause();
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.admin}\r\n\r\n`);
  await until('an open stream', async () => (await metric('groundcrew_streams_open')) > 0);
  return socket;
}

async function metric(name: string): Promise<number> {
  const text = await (await server.call('GET', '/metrics')).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
}

describe('events', () => {
  it('tell what changed, soon after it did', async () => {
    const stream = await readStream('/api/v1/events');
    await until('the first event', () => stream.events[0]?.event === 'hello');
    const { run_id, build_id } = await fillRun(server, 'events');
    const told = (event: string, id: string): boolean =>
      stream.events.some((one) => one.event === event && (JSON.parse(one.data) as string[]).includes(id));
    await until('the run', () => told('run', String(run_id)));
    await until('the build', () => told('build', String(build_id)));
    await stream.stop();
    await until('the end of the stream', async () => (await metric('groundcrew_streams_open')) === 0);
  });

  it('wait for a slow reader without growing, and tell it of everything at once', async () => {
    const { db } = server.running.services.connection;
    const socket = await sluggish('/api/v1/events');
    const before = process.memoryUsage().external + process.memoryUsage().arrayBuffers;
    const id = 'x'.repeat(4000);
    for (let round = 0; round < 40; round++) {
      await db.transaction().execute(async (tx) => {
        for (let index = 0; index < 100; index++) await notify(tx, 'node', `${id}${round}-${index}`);
      });
    }
    const grown = process.memoryUsage().external + process.memoryUsage().arrayBuffers - before;
    expect(grown).toBeLessThan(64 * 2 ** 20);
    let text = '';
    socket.on('data', (data) => {
      text += String(data);
    });
    socket.resume();
    await until('everything of a kind', () => text.includes('event: node\ndata: [""]\n\n'));
    await until('what came afterwards', async () => {
      await notify(db, 'node', 'n-afterwar');
      return text.includes('data: ["n-afterwar"]');
    });
    socket.destroy();
    await until('the end of the stream', async () => (await metric('groundcrew_streams_open')) === 0);
  });

  it('join changes, and say "anything" of too many', () => {
    const changes = new Changes();
    for (const id of ['1', '2', '1']) changes.add('run', id);
    changes.add('node', '');
    changes.add('node', 'n-1');
    expect(changes.take()).toEqual(['event: run\ndata: ["1","2"]\n\n', 'event: node\ndata: [""]\n\n']);
    for (let id = 0; id <= 600; id++) changes.add('run', String(id));
    expect(changes.take()).toEqual(['event: run\ndata: [""]\n\n']);
    expect(changes.take()).toEqual([]);
  });
});

describe('logs', () => {
  it('are read by range, with how much there is', async () => {
    const { run_id, log } = await fillRun(server, 'ranges');
    const bytes = Buffer.from(log);
    const read = (query: string): Promise<Response> => server.call('GET', `/api/v1/runs/${run_id}/log?${query}`);
    const whole = await read('');
    expect(await whole.text()).toBe(log);
    expect([whole.headers.get('x-log-bytes'), whole.headers.get('x-log-live')]).toEqual([
      String(bytes.length),
      'false',
    ]);
    expect(whole.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    for (const [offset, limit] of [
      [0, 3],
      [9, 13],
      [bytes.length - 1, 100],
    ] as const) {
      const part = await read(`offset=${offset}&limit=${limit}`);
      const expected = bytes.subarray(offset, offset + limit);
      expect(part.headers.get('content-length')).toBe(String(expected.length));
      expect(Buffer.from(await part.arrayBuffer())).toEqual(Buffer.from(expected));
    }
    expect(await (await read(`offset=${bytes.length}`)).text()).toBe('');
    expect(await (await read(`offset=${Number.MAX_SAFE_INTEGER}`)).text()).toBe('');
  });

  it('are followed while they grow, and again from where a reader was', async () => {
    const { run_id } = await submitRun(server, jobFile('followed'));
    const path = `/api/v1/runs/${run_id}/log/stream`;
    // From before there is anything.
    const early = await readStream(path);
    const agent = await playAgent(server);
    const assignment = await takeRun(agent);
    let end = await sayLog(agent, assignment, 0, 'first\n');
    await until('the first line', () => logText(early.events) === 'first\n');
    end = await sayLog(agent, assignment, end, 'zweite Zeile: ü\n');
    await until('the second', () => logText(early.events).includes('ü'));
    const last = early.events.at(-1)?.id as string;
    expect(last).toBe(String(end));
    await early.stop();
    const again = await readStream(path, { 'last-event-id': last });
    const odd = await readStream(`${path}?offset=6`, { 'last-event-id': '' });
    end = await sayLog(agent, assignment, end, 'third\n');
    await until('the third', () => logText(again.events) === 'third\n');
    await finishRun(agent, assignment, 'passed', end);
    await Promise.all([again.ended, odd.ended]);
    expect(again.events.at(-1)).toEqual({ event: 'end', id: String(end), data: '{}' });
    expect(logText(odd.events)).toBe('zweite Zeile: ü\nthird\n');
    const late = await readStream(path, { 'last-event-id': String(end) });
    await late.ended;
    expect(late.events.map(({ event }) => event)).toEqual(['end']);
  });

  it('a slow reader of a long log fills no memory', async () => {
    const { run_id } = await submitRun(server, jobFile('long'));
    const agent = await playAgent(server);
    const assignment = await takeRun(agent);
    const piece = 'x'.repeat(2 ** 19);
    let end = 0;
    for (let pieces = 0; pieces < 40; pieces++) end = await sayLog(agent, assignment, end, piece);
    const before = process.memoryUsage.rss();
    const sockets = await Promise.all(Array.from({ length: 5 }, () => sluggish(`/api/v1/runs/${run_id}/log/stream`)));
    await until('a moment', async () => (await metric('groundcrew_streams_open')) === 5);
    // Five times 20 MB of log, a third more in base64, would be 130 MB.
    expect(process.memoryUsage.rss() - before).toBeLessThan(80 * 2 ** 20);
    for (const socket of sockets) socket.destroy();
    await finishRun(agent, assignment, 'passed', end);
    await until('the end of the streams', async () => (await metric('groundcrew_streams_open')) === 0);
  });
});
