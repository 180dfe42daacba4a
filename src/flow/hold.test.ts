import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NodeId } from '../base/ids.ts';
import type { NodeState } from '../nodes/state.ts';
import { insertPlanned } from '../nodes/store/planning.ts';
import { explainNode } from './explain.ts';
import { planTurn } from './fleet-planner.ts';
import { deleteNode, extendHold, freezeVerdict, holdNode, releaseHold } from './hold.ts';
import { configOf, type FleetWorld, fleetWorld, nodeType, providerOf } from './testing/fleet-world.ts';

let world: FleetWorld;
const id = 'n-00000001' as NodeId;
const doing = { actor: 'maria', reason: 'to look at it' };
beforeEach(async () => {
  world = await fleetWorld({ config: configOf({}, { a: providerOf([nodeType(['jammy'])]) }) });
});
afterEach(() => world.close());

async function nodeIn(state: NodeState, node_id: NodeId = id): Promise<void> {
  const { db } = world.database;
  const common = { provider: 'a', node_type: 'jammy', labels: ['jammy'], options: {}, reason: 'test' };
  await insertPlanned(db, [{ ...common, id: node_id, boot_timeout_ms: 1000, check_timeout_ms: 1000 }]);
  await sql`update nodes set state = ${state}, deadline = null where id = ${node_id}`.execute(db);
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
  await expect(holdNode(world.services, id, { ...doing, duration_ms: 1 })).rejects.toMatchObject({ code: 'GC1009' });
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
