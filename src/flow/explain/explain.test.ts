import { sql } from 'kysely';
import { afterEach, expect, test } from 'vitest';
import { giveRun } from '../../assignments/testing/give.ts';
import { dateFrom } from '../../base/clock.ts';
import type { HoldId, NodeId, RequestId } from '../../base/ids.ts';
import { demand, fleet, NOW_MS, node, pool, provider } from '../../nodes/testing/snapshots.ts';
import { createRequest, type RequestRow } from '../../requests/store/life.ts';
import { inAnyState } from '../../store/testing/states.ts';
import { allocateBatch } from '../allocate/allocate.ts';
import { planTurn } from '../fleet/planner.ts';
import { configOf, type FleetWorld, fleetWorld, nodeType, providerOf } from '../testing/fleet-world.ts';
import { explainNode, explainRequest, explainWaiting, nodeSentence } from './explain.ts';

let world: FleetWorld | null = null;
afterEach(async () => {
  await world?.close();
  world = null;
});

const request: RequestRow = {
  id: 2041 as RequestId,
  expressions: ['jammy && gpu'],
  state: 'waiting',
  reason: null,
  run_id: null,
  node_ids: null,
  priority: 0,
  waited_ms: 372_000,
  ahead: 0,
};

test('a waiting request: a line a provider, and when to expect it', () => {
  const gpu = ['jammy', 'gpu'];
  const pools = [
    pool(gpu, { provider: 'rax', launch_ms: 38_000 }),
    pool(gpu, { provider: 'hp', failures: 7, retry_at_ms: NOW_MS + 120_000, message: 'no network' }),
    pool(['jammy'], { provider: 'local' }),
    pool(gpu, { provider: 'new', launch_ms: 38_000 }),
    pool(gpu, { provider: 'full', limit: 1, fault: null }),
  ];
  const providers = new Map([
    ['rax', provider('rax', { limit: 2 })],
    ['hp', provider('hp')],
    ['local', provider('local')],
    ['new', provider('new')],
    ['full', provider('full')],
    ['empty', provider('empty')],
  ]);
  const of = { node_type: 'jammy-gpu', labels: gpu };
  const nodes = [
    node('n-1', { ...of, provider: 'rax', state: 'running' }),
    node('n-2', { ...of, provider: 'rax', state: 'deleting' }),
    node('n-3', { ...of, provider: 'new', state: 'booting', created_at_ms: NOW_MS - 8_000 }),
    node('n-4', { ...of, provider: 'full', state: 'held' }),
  ];
  const explained = explainWaiting(fleet({ pools, providers, nodes, demand: [demand(1, 'gpu')] }), request, 20_000);
  expect(explained.sentence).toBe('r-2041 wants 1 × jammy && gpu. It has waited 6 min 12 s.');
  expect(explained.lines).toEqual([
    { subject: 'rax', text: 'at its limit: 2 of 2 nodes in use; 1 of them is being deleted' },
    { subject: 'hp', text: 'broken, the last 7 tries failed: no network; next try in 2 min' },
    { subject: 'local', text: 'cannot: no node type there satisfies jammy && gpu' },
    { subject: 'new', text: 'launching 1 node, the first is booting since 8.0 s; usually 38.0 s' },
    { subject: 'full', text: 'jammy-gpu is at its limit: 1 of 1 nodes in use' },
    { subject: 'empty', text: 'cannot: it has no node types' },
  ]);
  expect(explained.expected).toBe('Usually this waits 20.0 s. Expected: in about 30.0 s, from new.');
});

test('a deployment that only observes promises nothing', () => {
  const pools = [pool(['jammy', 'gpu'], { provider: 'slow', launch_ms: 600 }), pool(['noble'], { provider: 'other' })];
  const snapshot = fleet({ pools, observing: true });
  const explained = explainWaiting(snapshot, request, 34);
  expect(explained.sentence).toContain('This deployment only observes: it was made from a backup, and launches');
  expect(explained.lines).toEqual([
    { subject: 'slow', text: 'could serve it, but nothing is launched' },
    { subject: 'other', text: 'cannot: no node type there satisfies jammy && gpu' },
  ]);
  expect(explained.expected).toBe('Expected: never, until an admin lets this deployment act: groundcrew fleet agree');
});

test('a full provider says what is too little, and what is held of it', () => {
  const sized = { node_type: 'big', labels: ['big'], options: { cores: 4, memory_bytes: 2 ** 30 } };
  const big = (name: string) => pool(['big'], { ...sized, provider: name, launch_ms: 10_000 });
  const names = ['cores', 'memory', 'part', 'small', 'held'];
  const providers = new Map([
    ['cores', provider('cores', { limit_cores: 8 })],
    ['memory', provider('memory', { limit_memory_bytes: 1.5 * 2 ** 30 })],
    ['part', provider('part', { limit_cores: 6.5 })],
    ['small', provider('small', { limit_cores: 3 })],
    ['held', provider('held', { limit: 2 })],
  ]);
  const at = (id: string, name: string, state: 'running' | 'held') => node(id, { ...sized, provider: name, state });
  const nodes = [
    ...[at('n-1', 'cores', 'running'), at('n-2', 'cores', 'held')],
    ...[at('n-3', 'memory', 'running'), at('n-4', 'part', 'running')],
    ...[at('n-5', 'held', 'held'), at('n-6', 'held', 'held')],
  ];
  const hold = (id: number, node_id: string, minutes: number) => {
    const times = { created_at_ms: NOW_MS, expires_at_ms: NOW_MS + minutes * 60_000 };
    return { id: id as HoldId, node_id: node_id as NodeId, owner: 'maria', reason: 'run 7 failed', ...times };
  };
  const holds = [hold(1, 'n-5', 70), hold(2, 'n-6', 58), hold(3, 'n-2', 5)];
  const snapshot = fleet({ pools: names.map(big), providers, nodes, holds, demand: [demand(1, 'big')] });
  const explained = explainWaiting(snapshot, { ...request, expressions: ['big'] }, null);
  expect(explained.lines.map(({ subject, text }) => `${subject} ${text}`)).toEqual([
    'cores at its limit: 8 of 8 cores in use (1 held, it ends in 5 min; groundcrew hold list)',
    'memory at its limit: 1.0 GiB of 1.5 GiB in use, and big takes 1.0 GiB',
    'part at its limit: 4 of 6.5 cores in use, and big takes 4 cores',
    'small cannot: big takes 4 cores, its limit is 3 cores',
    'held at its limit: 2 of 2 nodes in use (2 held, the first ends in 58 min; groundcrew hold list)',
  ]);
  // The runs there may end before, and nobody knows when.
  expect(explained.expected).toBe('Expected: in about 5 min 10 s or sooner, from cores.');
  // A limit is not the usual wait.
  expect(explainWaiting(snapshot, { ...request, expressions: ['big'] }, 15).expected).toBe(explained.expected);
});

/** What each of two requests is told: the decision, then a line a provider, then when. */
function told(snapshot: ReturnType<typeof fleet>, id: number, expression: string): string[] {
  const ahead = snapshot.demand.findIndex((each) => each.request_id === id);
  const row = { ...request, id: id as RequestId, expressions: [expression], ahead };
  const { decision, lines, expected } = explainWaiting(snapshot, row, null);
  return [decision?.code ?? '', ...lines.map(({ subject, text }) => `${subject} ${text}`), expected ?? ''];
}

test('two requests compete for one place: each is told whose it is', () => {
  const pools = [pool(['jammy'], { launch_ms: 10_000 })];
  const providers = new Map([['a', provider('a', { limit: 1 })]]);
  const waiting = { pools, providers, demand: [demand(1, 'jammy'), demand(2, 'jammy')] };
  const unknown =
    'When it gets its nodes cannot be told: nobody knows how long the nodes that it waits for stay in use.';
  expect(told(fleet(waiting), 1, 'jammy')).toEqual([
    'launching',
    'a has room, a node of jammy is launched next',
    'Expected: in about 10.0 s, from a.',
  ]);
  expect(told(fleet(waiting), 2, 'jammy')).toEqual([
    'behind_others',
    'a at its limit: 1 of 1 nodes in use or kept for r-1, which is before it',
    unknown,
  ]);
  const nodes = [node('n-1', { state: 'booting', created_at_ms: NOW_MS - 4_000 })];
  expect(told(fleet({ ...waiting, nodes }), 1, 'jammy')).toEqual([
    'served_by_coming',
    'a launching 1 node, the first is booting since 4.0 s; usually 10.0 s',
    'Expected: in about 6.0 s, from a.',
  ]);
  expect(told(fleet({ ...waiting, nodes }), 2, 'jammy')).toEqual([
    'behind_others',
    'a launching 1 node, the first is booting since 4.0 s; usually 10.0 s; spoken for by requests before it',
    unknown,
  ]);
});

test('while an idle node is evicted its room is for the request that it was evicted for', () => {
  const pools = [pool(['jammy']), pool(['noble'], { launch_ms: 10_000 })];
  const providers = new Map([['a', provider('a', { limit: 2 })]]);
  const nodes = [node('n-1'), node('n-2', { state: 'running' })];
  const snapshot = fleet({ pools, providers, nodes, demand: [demand(7, 'noble'), demand(8, 'noble')] });
  const behind = 'a at its limit: 2 of 2 nodes in use or kept for r-7, which is before it';
  expect(told(snapshot, 7, 'noble').slice(0, 3)).toEqual([
    'evicting',
    'a at its limit: 2 of 2 nodes in use; n-1 makes room for it',
    'Expected: in about 10.0 s, from a.',
  ]);
  expect(told(snapshot, 8, 'noble').slice(0, 2)).toEqual(['behind_others', behind]);
  const leaving = nodes.map((each) => (each.id === 'n-1' ? { ...each, state: 'deleting' as const } : each));
  expect(told({ ...snapshot, nodes: leaving }, 7, 'noble')).toEqual([
    'waiting_room',
    'a at its limit: 2 of 2 nodes in use; 1 of them is being deleted; that room is for it',
    'Expected: in about 10.0 s, from a.',
  ]);
  expect(told({ ...snapshot, nodes: leaving }, 8, 'noble').slice(0, 2)).toEqual([
    'behind_others',
    `${behind}; 1 of them is being deleted`,
  ]);
});

test('a node type with room is not said to be launched when another one serves', () => {
  const pools = [pool(['jammy']), pool(['jammy'], { provider: 'b', limit: 0 }), pool(['jammy'], { provider: 'c' })];
  const nodes = [node('n-1', { state: 'booting', created_at_ms: NOW_MS - 4_000 })];
  expect(told(fleet({ pools, nodes, demand: [demand(1, 'jammy')] }), 1, 'jammy').slice(1, 4)).toEqual([
    'a launching 1 node, the first is booting since 4.0 s',
    'b jammy is at its limit: 0 of 0 nodes in use',
    'c has room for a node of jammy, not needed for it',
  ]);
});

test('a node tells its story', () => {
  const at = { at: dateFrom(NOW_MS), actor: 'fleet' };
  const events = [
    { ...at, state: 'planned', reason: 'jammy below its target (2 of 5)' },
    { ...at, state: 'held', reason: 'run 977 failed: 1 test' },
    { ...at, state: 'deleting', reason: 'its hold ended (8 h, owner maria, run 977 failed)' },
    { ...at, state: 'deleted', reason: 'rax has no machine of it any more' },
  ];
  const story = { id: 'n-c40b0000' as NodeId, provider: 'rax', since_ms: 12_000, events };
  expect(nodeSentence({ ...story, state: 'deleted' })).toBe(
    'n-c40b0000 was deleted at 01:46:40 because its hold ended (8 h, owner maria, run 977 failed).',
  );
  expect(nodeSentence({ ...story, state: 'held' })).toBe(
    'n-c40b0000 has been held for 12.0 s: run 977 failed: 1 test.',
  );
  expect(nodeSentence({ ...story, state: 'booting' })).toBe(
    'n-c40b0000 is booting at rax since 12.0 s, made because jammy below its target (2 of 5).',
  );
});

test('from the database: waiting, fulfilled, refused, and what there is not', async () => {
  world = await fleetWorld({ config: configOf({}, { a: providerOf([nodeType(['jammy'])]) }) });
  const at = world;
  const ask = (expression: string) =>
    at.database.db.transaction().execute((tx) => createRequest(tx, { expressions: [expression], requester: 'test' }));
  const waiting = await ask('jammy');
  const refused = await ask('nobel');
  await allocateBatch(at.services);
  expect(await explainRequest(at.services, waiting)).toMatchObject({
    lines: [{ subject: 'a', text: 'has room, a node of jammy is launched next' }],
  });
  expect((await explainRequest(at.services, refused)).expected).toMatch(
    /^Nothing that is configured can serve it: no node type carries nobel\. It is refused in (59|60)?.*, unless the/,
  );
  await sql`update requests set created_at = created_at - interval '61 s' where id = ${refused}`.execute(
    at.database.db,
  );
  await allocateBatch(at.services);
  expect((await explainRequest(at.services, refused)).sentence).toBe(
    'r-2 wanted 1 × nobel and was refused: no node type carries nobel.',
  );
  await planTurn(at.services);
  const [planned] = await at.nodes();
  const launching = await explainRequest(at.services, waiting);
  expect(launching.lines[0]?.text).toMatch(/^launching 1 node, the first is planned since \d+ ms$/);
  expect((await explainNode(at.services, planned?.id as NodeId)).sentence).toContain(
    'made because r-1 waits for jammy',
  );
  await inAnyState(at.database.db, (tx) =>
    sql`update nodes set state = 'ready', ready_at = groundcrew_now(), agent_seen_alive_ms = 0`.execute(tx),
  );
  await allocateBatch(at.services);
  expect((await explainRequest(at.services, waiting)).sentence).toMatch(
    new RegExp(`^r-1 wanted 1 × jammy and got ${planned?.id} after \\d+`),
  );
  await expect(explainRequest(at.services, 99 as RequestId)).rejects.toMatchObject({ code: 'GC1002' });
  await expect(explainNode(at.services, 'n-zzzzzzzz' as NodeId)).rejects.toMatchObject({ code: 'GC1002' });
});

test('from the database: how long late runs took says when those ahead are over', async () => {
  world = await fleetWorld({ config: configOf({}, { a: providerOf([nodeType(['jammy'])], 1) }) });
  const { database, services } = world;
  const job = (id: number, took_s: number | null) => `
    insert into jobs (submission_id, build_id, environment_id, name, expression, spec)
      values (1, 1, 1, 'job${id}', 'jammy', '{}');
    insert into runs (job_id, state, verdict, assigned_at, started_at, finished_at) values (${id},
      ${took_s === null ? `'queued', null, null, null, null` : `'finished', 'passed', groundcrew_now(), groundcrew_now(), groundcrew_now() + interval '${took_s} s'`});`;
  const rows = `
    insert into projects (slug) values ('acme/a');
    insert into environments (project_id, name) values (1, 'jammy');
    insert into builds (project_id, version) values (1, '1');
    insert into submissions (build_id, submitted_by) values (1, 'maria');
    insert into pool_status (provider, node_type, launch_ms) values ('a', 'jammy', 15000);
    ${job(1, 1)} ${job(2, 30)} ${job(3, null)} ${job(4, null)} ${job(5, null)}
    insert into requests (expressions, requester, run_id) values ('{jammy}', 'maria', 3), ('{jammy}', 'maria', 4),
      ('{jammy}', 'maria', 5);`;
  await inAnyState(database.db, (tx) => sql.raw(rows).execute(tx));
  const expected = async (id: number) => (await explainRequest(services, id as RequestId)).expected;
  expect(await expected(1)).toBe('Expected: in about 15.0 s, from a.');
  // Two runs tell nothing of what is usual.
  const unknown =
    'When it gets its nodes cannot be told: nobody knows how long the nodes that it waits for stay in use.';
  expect(await expected(3)).toBe(unknown);
  await inAnyState(database.db, (tx) => sql.raw(job(6, 40)).execute(tx));
  expect(await expected(2)).toBe('Expected: in about 1 min, from a.');
  expect(await expected(3)).toBe('Expected: in about 1 min 45 s, from a.');
  // One that has a node already: what is left of it comes first.
  await inAnyState(database.db, (tx) =>
    sql`
    insert into nodes (id, provider, node_type, labels, state, plan_reason)
    values ('n-00000001', 'a', 'jammy', '{jammy}', 'running', 'test')`.execute(tx),
  );
  expect(await expected(1)).toBe(unknown);
  await inAnyState(database.db, (tx) =>
    sql`
    update runs set state = 'running', assigned_at = groundcrew_now() - interval '30 s' where id = 3`.execute(tx),
  );
  await giveRun(database.db, 3, 'n-00000001');
  await sql`update requests set state = 'fulfilled', ended_at = groundcrew_now() where id = 1`.execute(database.db);
  expect(await expected(2)).toBe('Expected: in about 15.0 s, from a.');
  expect(await expected(3)).toBe('Expected: in about 1 min, from a.');
});
