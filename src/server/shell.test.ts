import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { has } from '../../tools/needs/needs.ts';
import { loadConfig } from '../config/load.ts';
import { DRIVERS } from '../providers/all.ts';
import { type ScratchServer, scratchOptions, startScratch, until } from './testing/scratch-server.ts';

const CONFIG = `labels:
  shell: {ready: 1}
providers:
  here:
    driver: local
    isolation: ${has('namespaces') ? 'auto' : 'none'}
    nodes:
      - labels: [shell]
`;

let server: ScratchServer;
let directory: string;
let node_id: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'groundcrew shell '));
  if (!existsSync(scratchOptions(directory).agent_bundle)) throw new Error('dist/agent.js is missing: npm run build');
  writeFileSync(join(directory, 'groundcrew.yaml'), CONFIG);
  const config = await loadConfig(join(directory, 'groundcrew.yaml'), {}, DRIVERS);
  server = await startScratch({ config, roles: new Set(['api', 'fleet', 'worker']) });
  node_id = await until('a node that is ready', async () => {
    const answer = await server.call('GET', '/api/v1/nodes?state=ready');
    return ((await answer.json()) as { items: { id: string }[] }).items[0]?.id;
  });
}, 120_000);

afterAll(async () => {
  await server.running.retireNodes();
  await server.close();
  rmSync(directory, { recursive: true, force: true });
}, 120_000);

interface Shell {
  socket: WebSocket;
  printed(): string;
  closed: Promise<[code: number, reason: string]>;
  exit_code(): number | null | undefined;
}

/** Opens a shell; rejects with the status of a refused upgrade. */
async function open(id: string, query: string, headers: Record<string, string>): Promise<Shell> {
  const url = `${server.running.url.replace('http', 'ws')}/api/v1/nodes/${id}/shell?${query}`;
  const socket = new WebSocket(url, { headers });
  let printed = '';
  let exit_code: number | null | undefined;
  socket.on('message', (data: Buffer, binary) => {
    if (binary) printed += data.toString();
    else ({ exit_code } = JSON.parse(data.toString()) as { exit_code: number | null });
  });
  const closed = new Promise<[number, string]>((resolve) =>
    socket.once('close', (code, reason) => resolve([code, reason.toString()])),
  );
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('unexpected-response', (_request, response) => {
      socket.terminate();
      reject(new Error(String(response.statusCode)));
    });
    socket.on('error', reject);
  });
  return { socket, closed, printed: () => printed, exit_code: () => exit_code };
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

describe('a shell on a real node', () => {
  it('is given on none that may still be given to a run; on a held one it is', async () => {
    await expect(open(node_id, '', bearer(server.admin))).rejects.toThrow('409');
    expect((await server.call('POST', `/api/v1/nodes/${node_id}/hold`, { body: {} })).status).toBe(200);
  });

  it('takes what is typed, shows what is printed, and ends with its exit code', async () => {
    const shell = await open(node_id, 'rows=30&columns=100', bearer(server.admin));
    shell.socket.send(Buffer.from('echo "sum $((40 + 2))"; exit 7\n'));
    expect(await shell.closed).toEqual([4000, 'the shell ended']);
    expect(shell.printed()).toContain('sum 42');
    expect(shell.exit_code()).toBe(7);
  });

  it('runs a command on plain pipes, bytes unchanged', async () => {
    const command = encodeURIComponent('cat; echo done >&2');
    const shell = await open(node_id, `command=${command}`, bearer(await server.token('operator')));
    shell.socket.send(Buffer.from('ünchanged\r\n'));
    await until('what was typed', () => shell.printed().includes('ünchanged\r\n'));
    shell.socket.close();
    await shell.closed;
  });

  it('is audited before it is given, with its command', async () => {
    const { db } = server.running.services.connection;
    const rows = await db
      .selectFrom('audit_log')
      .select(['actor', 'detail'])
      .where('action', '=', 'node.shell')
      .execute();
    expect(rows).toEqual([
      { actor: 'admin', detail: { command: null } },
      { actor: 'operator', detail: { command: 'cat; echo done >&2' } },
    ]);
  });

  it('is refused before the upgrade: no token, too low a role, no such node, no agent, bad size', async () => {
    await expect(open(node_id, '', {})).rejects.toThrow('401');
    await expect(open(node_id, '', bearer(await server.token('submitter')))).rejects.toThrow('403');
    await expect(open('nonsense', '', bearer(server.admin))).rejects.toThrow('404');
    await expect(open('n-zzzzzzzz', '', bearer(server.admin))).rejects.toThrow('404');
    await expect(open(node_id, 'rows=0', bearer(server.admin))).rejects.toThrow('400');
    const plain = await server.call('GET', `/api/v1/nodes/${node_id}/shell`);
    expect([plain.status, ((await plain.json()) as { code: string }).code]).toEqual([400, 'GC1005']);
  });

  it('with a cookie, opens for the dashboard alone', async () => {
    const link = await server.call('POST', '/api/v1/enter-links', { body: {} });
    const { url } = (await link.json()) as { url: string };
    const cookie = (await fetch(url, { redirect: 'manual' })).headers.get('set-cookie')?.split(';', 1)[0] as string;
    await expect(open(node_id, '', { cookie, origin: 'https://evil.example' })).rejects.toThrow('400');
    const shell = await open(node_id, 'command=true', { cookie, origin: server.running.url });
    await shell.closed;
    expect(shell.exit_code()).toBe(0);
  });

  it('a reader that takes nothing does not fill the server’s memory', async () => {
    const shell = await open(node_id, 'command=yes', bearer(server.admin));
    shell.socket.pause();
    await until('the server gives it up', () => server.lines.some((line) => line.includes('not taken fast enough')));
    shell.socket.terminate();
  });
});

it('no secret of a whole run of a server is in its log', () => {
  const text = server.lines.join('');
  expect(text.length).toBeGreaterThan(1000);
  expect(text).not.toContain(server.admin);
  // Nothing that looks like one of ours: 43 characters of base64url.
  expect(text.match(/(?<![\w-])[\w-]{43}(?![\w-])/g)).toBeNull();
});
