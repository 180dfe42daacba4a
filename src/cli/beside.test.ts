import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CommandResult, runCommand } from './testing/run-command.ts';

/** What a server answers at an address; in a real one a run that never ran is hard to come by. */
const ANSWERS: Readonly<Record<string, unknown>> = {
  '/api/v1/holds': {
    items: [
      {
        ...{ node_id: 'n-c40b17ae', owner: 'somebody', run_id: 977, reason: 'its run failed' },
        ...{ expires_at: '2099-01-01T00:00:00.000Z', shell_command: 'groundcrew node shell n-c40b17ae' },
      },
    ],
  },
  '/api/v1/runs/8/log': '',
  '/api/v1/runs/8': { run: { started_at: null }, log: { bytes: 0, live: false } },
  '/api/v1/runs/9/log': '',
  '/api/v1/runs/9': { run: { started_at: '2026-11-20T00:00:00.000Z' }, log: { bytes: 0, live: true } },
  '/api/v1/nodes/n-00000001': { node: { state: 'ready' } },
  '/api/v1/nodes/n-00000002': { node: { state: 'booting' } },
};

let server: Server;
let url = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    const answer = ANSWERS[(request.url ?? '').replace(/\?.*/, '')];
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

async function run(line: string, columns?: number): Promise<CommandResult> {
  const terminal = columns === undefined ? {} : { columns };
  return await runCommand([...line.split(' '), '--server', url], { directory: tmpdir(), ...terminal });
}

describe('a list', () => {
  test('says which columns a narrow terminal has no room for', async () => {
    const narrow = await run('hold list --no-color', 80);
    expect(narrow.stdout).not.toContain('its run failed');
    expect(narrow.stderr).toBe('1 column left out: reason; a wider terminal or --json shows it\n');
  });

  test.each([
    ['hold list', undefined],
    ['hold list', 200],
    ['hold list --json', 80],
  ])('%s on %s columns leaves nothing out', async (line, columns) => {
    const { stdout, stderr } = await run(line, columns);
    expect(stdout).toContain('its run failed');
    expect(stderr).toBe('');
  });
});

describe('a log in which nothing is', () => {
  test.each([
    ['run log 8', 'log: none, since it never ran\n'],
    ['run log 9', 'log: empty so far\n'],
    ['run log 8 --json', ''],
  ])('%s says why', async (line, stderr) => {
    expect(await run(line)).toEqual({ status: 0, stdout: '', stderr });
  });
});

test('a node that is ready is held at once, another one once it is ready', async () => {
  expect((await run('node shell n-00000001')).stderr).toContain('Hold it first with: groundcrew node hold n-00000001');
  expect((await run('node shell n-00000002')).stderr).toContain('Hold it once it is ready with: groundcrew');
});
