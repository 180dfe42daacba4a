import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NodeId, RequestId } from '../../base/ids.ts';
import { insertPlanned } from '../../nodes/store/planning.ts';
import { createRequest, findRequest } from '../../requests/store/life.ts';
import { inAnyState } from '../../store/testing/states.ts';
import type { Services } from '../services.ts';
import { configOf, type FleetWorld, fleetWorld, nodeType, providerOf } from '../testing/fleet-world.ts';
import { allocateBatch, startAllocator } from './allocate.ts';

const TYPES = [nodeType(['jammy']), nodeType(['jammy', 'gpu']), nodeType(['noble'])];

let world: FleetWorld;
const running: { stop(): Promise<void> }[] = [];
beforeEach(async () => {
  world = await fleetWorld({ config: configOf({}, { a: providerOf(TYPES) }) });
});
afterEach(async () => {
  for (const role of running.splice(0)) await world.during(role.stop());
  await world.close();
});

let made = 0;
/** Ready nodes with agents that were just heard of. */
async function ready(count: number, labels: string[]): Promise<NodeId[]> {
  const type = TYPES.find((candidate) => candidate.name === labels.join('-'));
  const ids = Array.from({ length: count }, () => {
    made += 1;
    return `n-${String(made).padStart(8, '0')}` as NodeId;
  });
  await insertPlanned(
    world.database.db,
    ids.map((id) => ({
      id,
      provider: 'a',
      node_type: type?.name ?? 'none',
      labels,
      options: {},
      takes: { nodes: 1 },
      boot_timeout_ms: 1,
      check_timeout_ms: 1,
      reason: 'test',
    })),
  );
  await inAnyState(world.database.db, (tx) =>
    sql`update nodes set state = 'ready', ready_at = groundcrew_now(), launched_at = groundcrew_now(),
    agent_seen_alive_ms = (select alive_ms from alive_clock) where id = any(${ids})`.execute(tx),
  );
  return ids;
}

async function ask(...expressions: string[]): Promise<RequestId> {
  return await world.database.db.transaction().execute((tx) => createRequest(tx, { expressions, requester: 'test' }));
}

async function stateOf(id: RequestId): Promise<string | undefined> {
  return (await findRequest(world.database.db, id))?.state;
}

/** Who has each node, as the assignments of requests say; a node with two holders shows twice. */
async function holders(): Promise<NodeId[]> {
  const { rows } = await sql<{ id: NodeId }>`
    select node_id as id from live_assignments join requests on requests.id = live_assignments.request_id
    where requests.state = 'fulfilled'`.execute(world.database.db);
  return rows.map((row) => row.id);
}

test('a request is served at once when it is made, with the event and the request in one commit', async () => {
  const [node] = await ready(1, ['jammy']);
  running.push(startAllocator(world.services));
  // It has the lock, and rests: the pulse of its lock waits, its own next look, and the renewal of its configuration.
  await world.until(() => world.services.listener.callHere('allocate', 'ready'), 'it works');
  await world.until(() => world.clock.waiting() === 3, 'it rests');
  const heard: string[] = [];
  world.services.listener.on('node', (payload) => heard.push(payload));
  const id = await ask('jammy');
  await world.until(async () => (await stateOf(id)) === 'fulfilled', 'it is served');
  await world.until(() => heard.includes(node as string), 'its agent is told');
  const [row] = await world.nodes(['assigned']);
  expect(row?.id).toBe(node);
  const { rows } = await sql<{ reason: string }>`
    select reason from node_events where node_id = ${node} and state = 'assigned'`.execute(world.database.db);
  expect(rows[0]?.reason).toMatch(/^r-1, waited \d+ ms$/);
});

test('two allocators at once never give a node away twice', async () => {
  await ready(40, ['jammy']);
  await Promise.all(Array.from({ length: 60 }, () => ask('jammy')));
  const other = await world.another();
  const turns = async (services: Services): Promise<void> => {
    for (let turn = 0; turn < 10; turn++) await allocateBatch(services);
  };
  await Promise.all([turns(world.services), turns(other), turns(world.services), turns(other)]);
  const held = await holders();
  expect(held.length).toBe(40);
  expect(new Set(held).size).toBe(40);
  expect((await world.nodes(['assigned'])).length).toBe(40);
});

test('only one of two allocators works, and the other takes over', async () => {
  await ready(2, ['jammy']);
  const first = startAllocator(world.services);
  const other = await world.another();
  const one = await ask('jammy');
  await world.until(async () => (await stateOf(one)) === 'fulfilled', 'the first serves');
  running.push(startAllocator(other));
  await world.during(first.stop());
  const two = await ask('jammy');
  await world.until(async () => (await stateOf(two)) === 'fulfilled', 'the second serves');
});

test('killed between its statements, a batch leaves nothing', async () => {
  await ready(3, ['jammy']);
  const ids = await Promise.all([ask('jammy'), ask('jammy && !gpu')]);
  // The database ends the session after the nodes were moved and before the commit.
  await sql`create function cut() returns trigger language plpgsql as $$
    begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$`.execute(world.database.db);
  await sql`create trigger cut after insert on node_events for each statement execute function cut()`.execute(
    world.database.db,
  );
  await expect(allocateBatch(world.services)).rejects.toThrow();
  await sql`drop trigger cut on node_events`.execute(world.database.db);
  expect(await world.nodes(['assigned'])).toEqual([]);
  expect(await Promise.all(ids.map(stateOf))).toEqual(['waiting', 'waiting']);
  expect(await allocateBatch(world.services)).toEqual({ left: [] });
  expect((await world.nodes(['assigned'])).length).toBe(2);
});

test('rare nodes stay free, several nodes come together or not at all', async () => {
  const [gpu] = await ready(1, ['jammy', 'gpu']);
  const plain = await ready(2, ['jammy']);
  const three = await ask('jammy', 'jammy', 'gpu', 'noble');
  const single = await ask('jammy');
  await allocateBatch(world.services);
  // The nodes that the first could have are kept for it, so the second waits as well.
  expect([await stateOf(three), await stateOf(single)]).toEqual(['waiting', 'waiting']);
  const [noble] = await ready(1, ['noble']);
  await allocateBatch(world.services);
  const got = (await findRequest(world.database.db, three))?.node_ids ?? [];
  expect(got.slice(0, 2).sort()).toEqual(plain);
  expect(got.slice(2)).toEqual([gpu, noble]);
  expect(await stateOf(single)).toBe('waiting');
});

test('what nothing can serve is refused with a hint, after another configuration had a minute to come', async () => {
  const id = await ask('jamy && gpu');
  expect(await allocateBatch(world.services)).toMatchObject({ left: [{ id }] });
  expect(await stateOf(id)).toBe('waiting');
  await sql`update requests set created_at = created_at - interval '61 s'`.execute(world.database.db);
  await allocateBatch(world.services);
  const request = await findRequest(world.database.db, id);
  expect(request?.state).toBe('refused');
  expect(request?.reason).toBe('no node type carries jamy. Did you mean jammy?');
});

test('a malformed expression in a row is refused and stops nobody else', async () => {
  await ready(1, ['jammy']);
  await sql`insert into requests (expressions, requester) values (array['jammy &&'], 'test')`.execute(
    world.database.db,
  );
  const id = await ask('jammy');
  await allocateBatch(world.services);
  expect(await stateOf(id)).toBe('fulfilled');
  expect((await findRequest(world.database.db, 1 as RequestId))?.reason).toBe(
    'its label expression is not valid: jammy &&',
  );
});

test('a request whose time is over is cancelled, a silent agent gets no work', async () => {
  await ready(1, ['jammy']);
  await sql`update alive_clock set alive_ms = alive_ms + 30000`.execute(world.database.db);
  const id = await world.database.db
    .transaction()
    .execute((tx) => createRequest(tx, { expressions: ['jammy'], requester: 'test', expires_after_ms: 300 }));
  running.push(startAllocator(world.services));
  await world.until(async () => (await stateOf(id)) === 'cancelled', 'it is cancelled');
  expect((await world.nodes(['ready'])).length).toBe(1);
});
