import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { NodeId } from '../../base/ids.ts';
import type { NodeState } from '../../nodes/state.ts';
import { insertPlanned } from '../../nodes/store/planning.ts';
import { inAnyState } from '../../store/testing/states.ts';
import { explainNode } from '../explain/explain.ts';
import { planTurn } from '../fleet/planner.ts';
import { configOf, type FleetWorld, fleetWorld, nodeType, providerOf } from '../testing/fleet-world.ts';
import { deleteNode, extendHold, freezeVerdict, holdNode, releaseHold } from './hold.ts';

let world: FleetWorld;
const id = 'n-00000001' as NodeId;
const doing = { actor: 'maria', reason: 'to look at it' };
beforeEach(async () => {
  world = await fleetWorld({ config: configOf({}, { a: providerOf([nodeType(['jammy'])]) }) });
});
afterEach(() => world.close());

async function nodeIn(state: NodeState, node_id: NodeId = id): Promise<void> {
  const { db } = world.database;
  const common = {
    provider: 'a',
    node_type: 'jammy',
    labels: ['jammy'],
    options: {},
    takes: { nodes: 1 },
    reason: 'test',
  };
  await insertPlanned(db, [{ ...common, id: node_id, boot_timeout_ms: 1000, check_timeout_ms: 1000 }]);
  await inAnyState(db, (tx) =>
    sql`update nodes set state = ${state}, deadline = null where id = ${node_id}`.execute(tx),
  );
}

async function state(node_id: NodeId = id): Promise<string | undefined> {
  const { rows } = await sql<{ state: string }>`select state from nodes where id = ${node_id}`.execute(
    world.database.db,
  );
  return rows[0]?.state;
}

const freeze = (hold: Parameters<typeof freezeVerdict>[1]['hold'], node_id: NodeId = id) =>
  world.database.db.transaction().execute((tx) => freezeVerdict(tx, { node_id, hold, reason: 'run 7 ended: failed' }));

test('a ready node is held, extended, and deleted when it is released; every step is audited', async () => {
  await nodeIn('ready');
  await holdNode(world.services, id, { ...doing, duration_ms: 3_600_000 });
  expect(await state()).toBe('held');
  await expect(holdNode(world.services, id, { ...doing, duration_ms: 1 })).rejects.toMatchObject({ code: 'GC1402' });
  await extendHold(world.services, id, { ...doing, duration_ms: 7_200_000 });
  expect((await explainNode(world.services, id)).expected).toMatch(/^The hold lasts (2 h|1 h 59 min|119 min)/);
  await releaseHold(world.services, id, doing);
  expect(await state()).toBe('deleting');
  const { rows } = await sql<{ action: string }>`select action from audit_log order by id`.execute(world.database.db);
  expect(rows.map((row) => row.action)).toEqual(['node.hold', 'node.extend', 'node.release']);
  expect((await explainNode(world.services, id)).sentence).toMatch(
    /^n-00000001 is being deleted since .* because its hold was released by maria \(owner maria\)\.$/,
  );
});

test('a hold that ends deletes the node, and its row is closed', async () => {
  await nodeIn('ready');
  await holdNode(world.services, id, { ...doing, duration_ms: 3_600_000 });
  await planTurn(world.services);
  expect(await state()).toBe('held');
  await sql`update holds set created_at = created_at - interval '1 h', expires_at = expires_at - interval '1 h'`.execute(
    world.database.db,
  );
  await planTurn(world.services);
  expect(await state()).toBe('deleting');
  const { rows } = await sql<{ released_by: string; end_reason: string }>`
    select released_by, end_reason from holds join nodes on nodes.id = node_id`.execute(world.database.db);
  expect(rows).toEqual([{ released_by: 'expiry', end_reason: 'its hold ended (1 h, owner maria, to look at it)' }]);
});

test('a failed run keeps its node when a rule says so, within the budget of the rule', async () => {
  await nodeIn('running');
  const second = 'n-00000002' as NodeId;
  await nodeIn('running', second);
  const hold = {
    owner: 'maria',
    reason: 'run 7 failed: 1 test',
    duration_ms: 1000,
    rule: { name: 'acme/*', at_most: 1 },
  };
  expect(await freeze(hold)).toBe('held');
  expect(await freeze(hold, second)).toBe('deleting');
  const { rows } = await sql<{ end_reason: string }>`select end_reason from nodes where id = ${second}`.execute(
    world.database.db,
  );
  expect(rows[0]?.end_reason).toBe('run 7 ended: failed; not held: 1 of 1 holds of acme/* are taken');
});

test('without a hold the node goes; a hold promised while it ran is kept; one gone already stays gone', async () => {
  await nodeIn('running');
  expect(await freeze(null)).toBe('deleting');
  expect(await freeze({ ...doing, owner: 'x', duration_ms: 1000 })).toBe('gone');
  const promised = 'n-00000003' as NodeId;
  await nodeIn('running', promised);
  await holdNode(world.services, promised, { ...doing, duration_ms: 60_000 });
  expect(await state(promised)).toBe('running');
  expect(await freeze(null, promised)).toBe('held');
});

test('a person deletes a node in any state but the last two; nobody is told a lie about others', async () => {
  await nodeIn('held');
  await deleteNode(world.services, id, doing);
  expect(await state()).toBe('deleting');
  await expect(deleteNode(world.services, id, doing)).rejects.toMatchObject({ code: 'GC1009' });
  await expect(releaseHold(world.services, id, doing)).rejects.toMatchObject({ code: 'GC1009' });
  await expect(deleteNode(world.services, 'n-zzzzzzzz' as NodeId, doing)).rejects.toMatchObject({ code: 'GC1002' });
});

/** From here on, what writes to this table stops there until the answer is called. */
async function stopAt(table: string): Promise<() => Promise<void>> {
  const { db } = world.database;
  await sql`create function stop() returns trigger language plpgsql as $$
    begin perform pg_advisory_xact_lock_shared(1, 1); return new; end $$`.execute(db);
  await sql`create trigger stop before insert or update on ${sql.ref(table)} for each row execute function stop()`.execute(
    db,
  );
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  let closed: () => void = () => undefined;
  const isClosed = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const gate = db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(1, 1)`.execute(tx);
    closed();
    await opened;
  });
  await isClosed;
  return async () => {
    open();
    await gate;
  };
}

/** Until so many sessions wait for a lock, or this has ended without waiting. */
async function waiting(count: number, orEnded: Promise<unknown>): Promise<void> {
  let ended = false;
  const end = () => {
    ended = true;
  };
  orEnded.then(end, end);
  await world.until(async () => {
    const { rows } = await sql<{ count: number }>`select count(*)::int as count from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(world.database.db);
    return ended || rows[0]?.count === count;
  }, `${count} sessions wait`);
}

test('a hold is promised before the verdict and kept, or is refused after it: never promised and lost', async () => {
  await nodeIn('running');
  const go = await stopAt('audit_log');
  const promise = holdNode(world.services, id, { ...doing, duration_ms: 60_000 });
  await waiting(1, promise);
  const verdict = freeze(null);
  await waiting(2, verdict);
  await go();
  await promise;
  expect([await verdict, await state()]).toEqual(['held', 'held']);

  const late = 'n-00000004' as NodeId;
  await nodeIn('running', late);
  let refused: Promise<unknown> = Promise.resolve();
  await world.database.db.transaction().execute(async (tx) => {
    await freezeVerdict(tx, { node_id: late, hold: null, reason: 'run 8 passed' });
    refused = holdNode(world.services, late, { ...doing, duration_ms: 60_000 }).catch((error: unknown) => error);
    await waiting(1, refused);
  });
  expect(await refused).toMatchObject({ code: 'GC1009' });
});

test('a release and the end of the same hold do not wait for each other in a circle', async () => {
  await nodeIn('ready');
  await holdNode(world.services, id, { ...doing, duration_ms: 3_600_000 });
  await sql`update holds set expires_at = groundcrew_now() - interval '1 s'`.execute(world.database.db);
  const go = await stopAt('holds');
  const release = releaseHold(world.services, id, doing);
  await waiting(1, release);
  const error = vi.fn();
  const turn = planTurn({ ...world.services, log: { ...world.services.log, error } });
  await waiting(2, turn);
  await go();
  await Promise.all([release, turn]);
  expect(error).not.toHaveBeenCalled();
  const { rows } = await sql<{ released_by: string }>`select released_by from holds`.execute(world.database.db);
  expect([await state(), rows]).toEqual(['deleting', [{ released_by: 'maria' }]]);
});
