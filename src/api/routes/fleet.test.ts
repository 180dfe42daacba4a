import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Amount } from '../../base/amount.ts';
import type { Config } from '../../config/schema.ts';
import type { FleetView } from '../../protocol/api/fleet.ts';
import { type ScratchServer, scratchConfig, startScratch } from '../../server/testing/scratch-server.ts';
import { inAnyState } from '../../store/testing/states.ts';

let server: ScratchServer;

const config: Config = scratchConfig();
const local = config.providers.local as Config['providers'][string];
const jammy = local.nodes[0] as Config['providers'][string]['nodes'][number];

function provider(limits: Amount, ...labels: string[]): Config['providers'][string] {
  const types = labels.map((label) => ({ ...jammy, name: label, labels: [label], options: { cores: 2 } }));
  return { ...local, limits, nodes: types };
}

beforeAll(async () => {
  const providers = {
    fine: provider({ nodes: 9, cores: 40 }, 'jammy'),
    full: provider({ nodes: 2 }, 'noble'),
    quota: provider({}, 'gpu'),
    down: provider({}, 'arm'),
    image: provider({}, 'old', 'new'),
  };
  const labels = { jammy: { ready: 1, max_ready_age_ms: null }, idle: { ready: 0, max_ready_age_ms: null } };
  server = await startScratch({ config: { ...config, labels, providers }, roles: new Set(['api']) });
  const { db } = server.running.services.connection;
  await inAnyState(db, (tx) =>
    sql`
    insert into nodes (id, provider, node_type, labels, state, plan_reason, takes, fault, created_at) values
      ('n-00000001', 'fine', 'jammy', '{jammy}', 'ready', 'a test', '{"cores": 2.5}', null, groundcrew_now()),
      ('n-00000002', 'fine', 'jammy', '{jammy}', 'running', 'a test', '{"nodes": 1}', null, groundcrew_now()),
      ('n-00000003', 'full', 'noble', '{noble}', 'held', 'a test', '{}', null, groundcrew_now()),
      ('n-00000004', 'full', 'noble', '{noble}', 'held', 'a test', '{}', null, groundcrew_now()),
      ('n-00000005', 'image', 'new', '{new}', 'deleted', 'a test', '{}', 'gone', groundcrew_now() - interval '9 h'),
      ('n-00000006', 'image', 'new', '{new}', 'deleted', 'a test', '{}', 'transient', groundcrew_now() - interval '25 min'),
      ('n-00000007', 'image', 'new', '{new}', 'deleted', 'a test', '{}', 'transient', groundcrew_now())`.execute(tx),
  );
  await sql`
    insert into holds (node_id, owner, reason, expires_at) values
      ('n-00000003', 'maria', 'run 7 failed: 1 test', groundcrew_now() + interval '8 h'),
      ('n-00000004', 'maria', 'a look', groundcrew_now() + interval '57 min 40 s')`.execute(db);
  await sql`
    insert into pool_status (provider, node_type, failures, fault, message, failed_at, retry_at, succeeded_at) values
      ('image', 'new', 2, 'transient', 'pre-flight failed: network: no route', groundcrew_now(),
        groundcrew_now() + interval '100 s', groundcrew_now() - interval '8 h'),
      ('image', 'unconfigured', 2, 'transient', 'long ago', groundcrew_now(), groundcrew_now(), null),
      ('quota', 'gpu', 0, 'quota', '96 of 96 nodes', null, groundcrew_now() + interval '1 h', null)`.execute(db);
  await sql`
    insert into provider_status (provider, fault, message, fault_since, retry_at) values
      ('down', 'auth', 'down cannot be listed: no such key', groundcrew_now() - interval '2 h', groundcrew_now())
    `.execute(db);
  await inAnyState(db, (tx) =>
    sql`
    insert into requests (expressions, state, requester, created_at, ended_at)
    select '{"jammy && !gpu"}', 'fulfilled', 'test', groundcrew_now() - interval '32 min',
      groundcrew_now() - interval '32 min' + case when each = 20 then 60000 else 100 end * interval '1 ms'
    from generate_series(1, 20) each`.execute(tx),
  );
  await inAnyState(db, (tx) =>
    sql`
    insert into requests (expressions, state, requester, created_at, ended_at) values
      ('{jammy}', 'fulfilled', 'test', groundcrew_now() - interval '3 h', groundcrew_now() - interval '1 h'),
      ('{noble}', 'waiting', 'test', groundcrew_now() - interval '2 h', null)`.execute(tx),
  );
});

afterAll(() => server.close());

async function fleet(): Promise<FleetView> {
  return (await (await server.call('GET', '/api/v1/fleet')).json()) as FleetView;
}

test('what is wrong is said with its reason, since when, and until when', async () => {
  const { problems } = await fleet();
  const lines = problems.map(
    ({ subject, text }) => `${subject}: ${text.replaceAll(/\d+ (min|h)\b( \d+ (s|min))?/g, 'TIME')}`,
  );
  expect(lines).toEqual([
    'down: broken for TIME: down cannot be listed: no such key',
    'image/new: the last 2 launches failed, for TIME: pre-flight failed: network: no route; next try in TIME',
    'quota/gpu: paused, quota: 96 of 96 nodes; next try in TIME',
    'full: 1 request waits, and 2 of 2 nodes are in use (2 held, the first ends in TIME)',
  ]);
  expect(problems.map(({ code, provider: at, node_type }) => [code, at, node_type])).toEqual([
    ['provider', 'down', null],
    ['pool', 'image', 'new'],
    ['pool', 'quota', 'gpu'],
    ['held', 'full', null],
  ]);
});

test('a provider that is fine, paused, failing or broken is told apart, and its cores are counted', async () => {
  const { providers } = await fleet();
  const rows = providers.map(({ provider: name, state, cores, limit_cores }) => [name, state, cores, limit_cores]);
  expect(rows).toEqual([
    ['fine', 'ok', 2.5, 40],
    ['full', 'ok', 0, null],
    ['quota', 'paused', 0, null],
    ['down', 'broken', 0, null],
    ['image', 'failing', 0, null],
  ]);
  const [image, down] = ['image', 'down'].map((name) => providers.find((row) => row.provider === name));
  expect([image?.since, image?.next_try_at].every((at) => typeof at === 'string')).toBe(true);
  expect(down?.problem).toBe('down cannot be listed: no such key');
});

test('waits of the last hour, by label: those of all its expressions, and of who still waits', async () => {
  const { labels } = await fleet();
  const [first, idle, noble] = ['jammy', 'idle', 'noble'].map((name) => labels.find((row) => row.label === name));
  // Nineteen of twenty within 100 ms, as exact as waits are counted.
  expect(Math.abs((first?.wait_p95_ms ?? 0) - 100)).toBeLessThan(3);
  expect(first?.waits_last_hour.map((wait) => wait !== null)).toEqual(Array.from({ length: 12 }, (_, at) => at === 5));
  expect(idle).toMatchObject({ wait_p95_ms: null, waits_last_hour: Array(12).fill(null) });
  expect(Math.abs((noble?.wait_p95_ms ?? 0) / 7_200_000 - 1)).toBeLessThan(0.03);
  expect(noble?.waits_last_hour.at(-1)).toBe(noble?.wait_p95_ms);
});

test('a held node says why it is held', async () => {
  const answer = await server.call('GET', '/api/v1/nodes?limit=10');
  const { items } = (await answer.json()) as { items: { id: string; hold_reason: string | null }[] };
  const reasons = new Map(items.map((item) => [item.id, item.hold_reason]));
  expect(reasons.get('n-00000003')).toBe('run 7 failed: 1 test');
  expect(reasons.get('n-00000001')).toBeNull();
});

test('an admin lets the leaks that were shown be swept, those alone, which is audited', async () => {
  const { db } = server.running.services.connection;
  await sql`
    insert into leaks (provider, external_id, kind, node_id, reason) values
      ('fine', 'm-1', 'machine', 'n-00000008', 'no node n-00000008 is alive'),
      ('fine', 'm-2', 'machine', 'n-00000009', 'no node n-00000009 is alive')`.execute(db);
  const list = async () => (await (await server.call('GET', '/api/v1/providers/fine/leaks')).json()) as object;
  expect(await list()).toMatchObject({ items: [{ external_id: 'm-1', agreed_by: null }, { external_id: 'm-2' }] });
  const agree = async (...external_ids: string[]) =>
    await (await server.call('POST', '/api/v1/providers/fine/leaks/agree', { body: { external_ids } })).json();
  expect(await agree('m-1', 'm-7')).toEqual({ agreed: ['m-1'] });
  expect(await agree('m-1')).toEqual({ agreed: [] });
  expect(await list()).toMatchObject({ items: [{ agreed_by: 'admin' }, { agreed_by: null }] });
  const audit = await db.selectFrom('audit_log').select('detail').where('action', '=', 'leaks.agree').execute();
  expect(audit).toEqual([{ detail: { external_ids: ['m-1'] } }]);
  expect((await server.call('GET', '/api/v1/providers/nowhere/leaks')).status).toBe(404);
});
