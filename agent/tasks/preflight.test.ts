import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { systemRandom } from '../../src/base/random.ts';
import type { TaskReport } from '../../src/protocol/agent.ts';
import type { Context } from '../context.ts';
import { runPreflight } from './preflight.ts';

let server: Server;
let hangs: boolean;
beforeEach(async () => {
  hangs = true;
  server = createServer((_request, response) => {
    if (!hangs) response.writeHead(426).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** Asks a server that hangs; `waited` is called where the line is waited for, and answers how often it broke until then. */
async function check(run: string, waited: () => number): Promise<TaskReport | undefined> {
  let changes = 0;
  const settings = { server_url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  const context = { clock: systemClock, random: systemRandom, log: silentLog, settings } as Context;
  const there = () => {
    changes = waited();
    return Promise.resolve();
  };
  const tasks = [{ name: 'task', run, timeout_ms: 100, tries: 1 }];
  return (await runPreflight(context, tasks, { changes: () => changes, there }))[0];
}

for (const name of ['network', 'clock']) {
  test(`${name}: a server that hung before its line broke uses up no try`, async () => {
    const report = await check(`builtin:${name}`, () => {
      hangs = false;
      return 2;
    });
    expect(report).toMatchObject({ outcome: 'ok', tries: 1 });
  });
}

test('a server that hangs while its line holds fails the check', async () => {
  expect(await check('builtin:network', () => 0)).toMatchObject({ outcome: 'failed', tries: 1 });
});
