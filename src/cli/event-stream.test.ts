import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readEvents, type ServerEvent } from './event-stream.ts';

let server: Server;
let address: string;
let pieces: readonly Buffer[] = [];

beforeAll(async () => {
  server = createServer(async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const piece of pieces) await new Promise<void>((resolve) => response.write(piece, () => resolve()));
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

async function read(bytes: Buffer, cut_bytes: number): Promise<ServerEvent[]> {
  pieces = Array.from({ length: Math.ceil(bytes.length / cut_bytes) }, (_, index) =>
    bytes.subarray(index * cut_bytes, (index + 1) * cut_bytes),
  );
  const events: ServerEvent[] = [];
  for await (const event of readEvents(address, {}, new AbortController().signal)) events.push(event);
  return events;
}

test.each([1, 2, 5, 1000])('events as the format has them, cut every %i bytes', async (cut_bytes) => {
  const text =
    ': hello\n\nevent: log\nid: 7\ndata: ün\ndata:  two\n\n\ndata:last\r\n\r\nretry: 5\n\nevent: cut\ndata: off';
  expect(await read(Buffer.from(text), cut_bytes)).toEqual([
    { event: 'log', data: 'ün\n two', id: '7' },
    { event: 'message', data: 'last', id: '' },
  ]);
});

test('an event without an end is not kept without a bound', async () => {
  const endless = Buffer.concat([Buffer.from('data: '), Buffer.alloc(17 * 2 ** 20, 'x')]);
  await expect(read(endless, 2 ** 20)).rejects.toThrow();
});
