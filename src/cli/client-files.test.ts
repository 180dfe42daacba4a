// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${…} is what people write in the file.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand } from './testing/run-command.ts';

let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'groundcrew-client-files-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('the data that a server started here would use count, and those of a server that has ended do not', async () => {
  const place = join(directory, 'configured');
  const knows = (data: string, url: string, token = 'left'): string => {
    mkdirSync(join(place, data), { recursive: true });
    writeFileSync(join(place, data, 'client.json'), JSON.stringify({ url, token }));
    return join(place, data, 'client.json');
  };
  const live = createServer((request, response) => {
    if (request.headers.authorization === 'Bearer live') response.end('{"items":[],"next_cursor":null}');
    else response.writeHead(401).end(JSON.stringify({ code: 'GC1003', detail: 'No.', next: 'Pass one.' }));
  });
  await new Promise<void>((resolve) => live.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(live.address() as AddressInfo).port}`;
  const ask = async (line = 'run list') =>
    await runCommand(line.split(' '), { directory: place, installation: join(place, 'checkout') });
  // Nothing else is looked at in it, so that what is missing elsewhere does no harm.
  mkdirSync(place);
  writeFileSync(join(place, 'groundcrew.yaml'), 'server: {data: mine}\nproviders: {a: {driver: "${NONE}"}}\n');
  const beside = knows('checkout/.groundcrew', 'http://127.0.0.1:47');
  const first = await ask();
  expect(first.stderr).toMatch(/^GC1011 .*127\.0\.0\.1:47: .* The address is from \S*checkout\/\.groundcrew\/client/);
  const mine = knows('mine', 'http://127.0.0.1:48');
  expect((await ask()).stderr).toContain(`127.0.0.1:48: nothing listens there. The address is from ${mine}.\n`);
  // Of another server on the same port: its token is not known there.
  knows('mine', url);
  expect((await ask()).stderr).toContain(`The server is ${url}; the token is from ${mine}.`);
  knows('checkout/.groundcrew', url, 'live');
  const other = await ask();
  expect(other).toMatchObject({ status: 0, stderr: expect.stringContaining('There are no runs yet.') });
  expect(other.stderr).toContain(`· the server of ${mine} does not answer; that of ${beside} is asked\n`);
  // A backup is of the data here, or none at all.
  expect((await ask('export here.gcx')).stderr).toContain(`; the token is from ${mine}.`);
  knows('mine', url, 'live');
  expect(await ask()).toMatchObject({ status: 0, stderr: expect.stringMatching(/^There are no runs yet\./) });
  rmSync(join(place, 'mine'), { recursive: true });
  writeFileSync(join(place, 'groundcrew.yaml'), 'server: {data: "${NONE}"}\n');
  knows('.groundcrew', 'http://127.0.0.1:49');
  rmSync(beside);
  expect((await ask()).stderr).toContain('client.json, as groundcrew.yaml has problems and names no data directory.');
  await new Promise((resolve) => live.close(resolve));
});
