import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from '../../protocol/api/common.ts';
import { EMPTY_ARCHIVE, fillRun } from '../../server/testing/filled.ts';
import { type ScratchServer, startScratch, until } from '../../server/testing/scratch-server.ts';
import { COUNTERS, DURATIONS, GAUGES } from '../app/metric-names.ts';
import { attachment } from './artifacts.ts';

let server: ScratchServer;
let dashboard: string;

beforeAll(async () => {
  dashboard = mkdtempSync(join(tmpdir(), 'groundcrew dashboard '));
  mkdirSync(join(dashboard, 'assets'));
  writeFileSync(join(dashboard, 'index.html'), '<!doctype html><head><title>Groundcrew</title></head>');
  writeFileSync(join(dashboard, 'assets', 'index-abc.js'), 'export {};');
  writeFileSync(join(dashboard, 'secret.txt'), 'not an asset');
  server = await startScratch({ dashboard_directory: dashboard });
});

afterAll(async () => {
  await server.close();
  rmSync(dashboard, { recursive: true, force: true });
});

describe('artifacts', () => {
  it('come whole, as attachments that no browser shows in place', async () => {
    const { run_id } = await fillRun(server, '1');
    const detail = (await (await server.call('GET', `/api/v1/runs/${run_id}`)).json()) as {
      artifacts: { id: number; kind: string; size: number }[];
    };
    const { id, size } = detail.artifacts.find(({ kind }) => kind === 'artifact') as { id: number; size: number };
    const answer = await server.call('GET', `/api/v1/runs/${run_id}/artifacts/${id}`);
    expect(await answer.text()).toBe('what it left');
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': String(size),
      'x-content-type-options': 'nosniff',
      'content-disposition':
        `attachment; filename="it's _o_(1)*.txt"; filename*=UTF-8''it%27s%20%22%C3%B6%281%29%2A.txt`.replace(
          '_o_',
          '__',
        ),
      'content-security-policy': expect.stringContaining('sandbox'),
    });
    const { blobs } = server.running.services;
    for await (const key of blobs.list('artifacts/')) await blobs.remove(key);
    const gone = await server.call('GET', `/api/v1/runs/${run_id}/artifacts/${id}`);
    expect([gone.status, ((await gone.json()) as Problem).code]).toEqual([404, 'GC1221']);
    expect(gone.headers.get('content-disposition')).toBeNull();
  });

  it.each([
    ['plain.txt', `attachment; filename="plain.txt"; filename*=UTF-8''plain.txt`],
    ['a"b\\c.txt', `attachment; filename="a_b_c.txt"; filename*=UTF-8''a%22b%5Cc.txt`],
    [
      'x\r\nSet-Cookie: a=b',
      `attachment; filename="x__Set-Cookie: a=b"; filename*=UTF-8''x%0D%0ASet-Cookie%3A%20a%3Db`,
    ],
    ['日本.log', `attachment; filename="__.log"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.log`],
    ['half \ud800', `attachment; filename="half _"; filename*=UTF-8''half%20%EF%BF%BD`],
    ['100%.txt', `attachment; filename="100_.txt"; filename*=UTF-8''100%25.txt`],
  ])('the name %j is safe in a header', (name, header) => {
    expect(attachment(name)).toBe(header);
    expect(() => new Headers({ 'content-disposition': header })).not.toThrow();
  });
});

describe('sources', () => {
  const stored = async (): Promise<string[]> => {
    const keys: string[] = [];
    for await (const key of server.running.services.blobs.list('checkouts/')) keys.push(key);
    return keys;
  };
  /** Whatever lies in the object store's directory, drafts too. */
  const filesBelow = (): string[] =>
    (readdirSync(join(server.directory, 'data', 'blobs'), { recursive: true }) as string[]).filter((name) =>
      /checkouts|incoming|draft|tmp/.test(name),
    );

  it('are kept whole, with their hash', async () => {
    const answer = await server.call('POST', '/api/v1/checkouts', {
      ...{ headers: { 'content-type': 'application/gzip' }, body: EMPTY_ARCHIVE },
    });
    const { checkout, size, sha256 } = (await answer.json()) as { checkout: string; size: number; sha256: string };
    expect([answer.status, size, sha256.length]).toEqual([201, EMPTY_ARCHIVE.length, 64]);
    expect(await stored()).toContain(checkout);
  });

  it('leave nothing when they are cut in the middle', async () => {
    const [before, files] = [await stored(), filesBelow()];
    const { hostname, port } = new URL(server.running.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST /api/v1/checkouts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.admin}\r\n` +
        'Content-Type: application/gzip\r\nContent-Length: 10000000\r\n\r\n',
    );
    socket.write(EMPTY_ARCHIVE);
    socket.write(Buffer.alloc(2 ** 20));
    await until('a draft', () => filesBelow().length > files.length);
    socket.destroy();
    await until('nothing of it', () => filesBelow().length === files.length);
    expect(await stored()).toEqual(before);
    const errors = server.lines.filter((line) => line.includes('"level":"error"'));
    expect(errors).toEqual([]);
  });

  it.each([
    ['nothing', ''],
    ['something else', 'PK not gzip'],
    ['half of a magic number', '\x1f'],
  ])('are refused when they are %s', async (_name, body) => {
    const before = await stored();
    const answer = await server.call('POST', '/api/v1/checkouts', {
      ...{ headers: { 'content-type': 'application/gzip' }, body },
    });
    expect([answer.status, ((await answer.json()) as Problem).code]).toEqual([400, 'GC1024']);
    expect(await stored()).toEqual(before);
  });
});

describe('the dashboard', () => {
  it.each([
    ['/nonsense', 404, 'GC1020'],
    ['/enter/used-or-never-made', 410, 'GC1007'],
    ['/enter/%22%3E%3Cscript%3E%00', 400, 'GC1005'],
  ])('says in a page of its own why %s shows nothing, and to programs as ever', async (path, status, code) => {
    const accept = 'text/html,application/xhtml+xml,*/*;q=0.8';
    const page = await server.call('GET', path, { token: null, headers: { accept } });
    expect([page.status, page.headers.get('content-type')]).toEqual([status, 'text/html; charset=utf-8']);
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    const text = await page.text();
    const told = text
      .match(/<meta name="groundcrew-problem" content="([^"<>]*)"><\/head>/)?.[1]
      ?.replaceAll('&quot;', '"');
    const plain = await server.call('GET', path, { token: null });
    expect([plain.status, plain.headers.get('content-type')]).toEqual([
      status,
      expect.stringMatching(/^application.problem.json/),
    ]);
    const problem = (await plain.json()) as Problem;
    expect(problem.code).toBe(code);
    expect(JSON.parse(told ?? '{}')).toEqual(problem);
  });

  it.each(['/', '/runs/5', '/nodes/n-1', '/compare?project=a', '/queue'])(
    '%s is a page that runs our files alone',
    async (path) => {
      const answer = await server.call('GET', path, { token: null });
      expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('<title>Groundcrew')]);
      const policy = answer.headers.get('content-security-policy') as string;
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('cache-control')).toBe('no-cache');
    },
  );

  it('its files are kept by browsers, and nothing beside them is served', async () => {
    const asset = await server.call('GET', '/assets/index-abc.js', { token: null });
    expect(asset.status).toBe(200);
    expect(asset.headers.get('content-type')).toMatch(/^application\/javascript/);
    expect(asset.headers.get('cache-control')).toContain('immutable');
    for (const path of [
      '/assets/../secret.txt',
      '/assets/%2e%2e/secret.txt',
      '/assets/..%2fsecret.txt',
      '/secret.txt',
      '/assets/none.js',
      '/assets/',
    ]) {
      const answer = await server.call('GET', path, { token: null });
      expect(answer.status, path).toBeGreaterThanOrEqual(400);
      expect(await answer.text()).not.toContain('not an asset');
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    }
  });
});

describe('figures', () => {
  it('are Prometheus text, with every documented name', async () => {
    const answer = await server.call('GET', '/metrics');
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const text = await answer.text();
    const named = new Map<string, string>();
    for (const line of text.trimEnd().split('\n')) {
      const type = /^# TYPE ([a-z0-9_:]+) (counter|gauge|histogram|summary)$/.exec(line);
      if (type !== null) named.set(type[1] as string, type[2] as string);
      else if (line !== '' && !/^# HELP [a-z0-9_:]+ .+$/.test(line)) {
        expect(line).toMatch(/^[a-z_:][a-z0-9_:]*(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? (-?[0-9.e+-]+|NaN|\+Inf)$/i);
      }
    }
    for (const name of Object.keys(COUNTERS)) expect(named.get(`groundcrew_${name}_total`)).toBe('counter');
    for (const name of Object.keys(DURATIONS)) expect(named.get(`groundcrew_${name}_seconds`)).toBe('histogram');
    for (const name of Object.keys(GAUGES)) expect(named.get(`groundcrew_${name}`)).toBe('gauge');
    expect(text).toMatch(/^groundcrew_runs_finished_total\{verdict="passed"\} 1$/m);
    expect(text).toMatch(/^groundcrew_run_part_seconds_count\{part="steps"\} 1$/m);
    expect(text).toMatch(/^groundcrew_request_wait_seconds_count 1$/m);
    expect(text).toMatch(/^groundcrew_node_launch_seconds\{provider="local",node_type="jammy"\} [0-9.]+$/m);
    expect(text).toMatch(
      /^groundcrew_http_requests_total\{method="GET",route="\/api\/v1\/builds\/:id",status="200"\} \d+$/m,
    );
    expect(text).toMatch(/^groundcrew_queue_items\{lane="ingest",state="dead"\} 0$/m);
  });

  it('every name that the flow uses is documented', async () => {
    const flow = join(import.meta.dirname, '..', '..', 'flow');
    const used: string[] = [];
    for (const file of readdirSync(flow, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.ts') && !/\.test\.ts$|^testing/.test(name),
    )) {
      const text = readFileSync(join(flow, file), 'utf8');
      for (const [, name] of text.matchAll(/metrics\?\.(?:count|duration)\('([a-z_]+)'/g)) used.push(name as string);
    }
    expect(used.length).toBeGreaterThan(5);
    for (const name of used) expect({ ...COUNTERS, ...DURATIONS }).toHaveProperty(name);
  });
});

describe('a backup', () => {
  it('streams, and is audited', async () => {
    const answer = await server.call('GET', '/api/v1/export?objects=true');
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(answer.headers.get('content-type')).toBe('application/octet-stream');
    const begin = bytes.indexOf(Buffer.from([0x1f, 0x8b]));
    expect(begin).toBeGreaterThan(0);
    expect(gunzipSync(bytes.subarray(begin)).includes('acme/widget')).toBe(true);
    const { db } = server.running.services.connection;
    const rows = await db.selectFrom('audit_log').select(['actor', 'detail']).where('action', '=', 'export').execute();
    expect(rows).toEqual([{ actor: 'admin', detail: { objects: true } }]);
  });

  it('that nobody reads to its end leaves nothing open', async () => {
    const answer = await server.call('GET', '/api/v1/export?objects=true');
    await answer.body?.cancel();
    const { db } = server.running.services.connection;
    await until('its connection is gone', async () => {
      const { rows } = await sql<{ count: number }>`
        select count(*)::int as count from pg_stat_activity where application_name = 'groundcrew export'`.execute(db);
      return rows[0]?.count === 0;
    });
  });
});
