import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NodeId } from '../../base/ids.ts';
import { secretHash } from '../../base/random.ts';
import { takeLease } from '../../store/leases.ts';
import { type TestDatabase, testDatabase } from '../../store/testing/database.ts';
import { inAnyState } from '../../store/testing/states.ts';
import type { NodeState } from '../state.ts';
import { markReady, registerAgent } from './agent.ts';
import { assignNodes } from './assign.ts';
import { claimLaunches, recordDestroyed, recordLaunched, recordLaunchFailed } from './drive.ts';
import { moveNode, type NodeMove } from './move.ts';
import { insertPlanned } from './planning.ts';

let database: TestDatabase;
let made = 0;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const TOKEN = (id: NodeId) => secretHash(`token ${id}`);

/** A node in this state that has a past: every column that an entry may have to clear is set. */
async function nodeWithPast(state: NodeState): Promise<NodeId> {
  const { db } = database;
  const id = `n-${String(++made).padStart(8, '0')}` as NodeId;
  const common = { provider: 'a', node_type: 'jammy', labels: ['jammy'], options: {}, takes: {}, reason: 'test' };
  await insertPlanned(db, [{ ...common, id, boot_timeout_ms: 30_000, check_timeout_ms: 20_000 }]);
  await inAnyState(db, (tx) =>
    sql`update nodes set state = ${state}, version = 5, claim = 7, state_since = groundcrew_now() - interval '1 day',
      deadline = groundcrew_now() - interval '1 hour', deadline_alive_ms = -1, step = '{}', attempts = 3,
      fault = 'quota', registration_hashes = array[${TOKEN(id)}::bytea], session_hash = ${secretHash(`session ${id}`)},
      session_epoch = 4 where id = ${id}`.execute(tx),
  );
  return id;
}

/** What belongs to a state, in words that do not depend on when the test runs. */
async function entered(id: NodeId): Promise<object> {
  const { rows } = await sql<object>`
    select state, version, state_since > groundcrew_now() - interval '1 minute' as begun_now,
      round(extract(epoch from deadline - state_since))::int as lasts_s,
      round((deadline_alive_ms - (select alive_ms from alive_clock)) / 1000.0)::int as lasts_alive_s,
      step is null as no_step, attempts, fault, registration_hashes is null as no_token, session_hash is null as no_session,
      ready_at is not null as has_ready_at, assigned_at is not null as has_assigned_at,
      deleted_at is not null as has_deleted_at, end_reason
    from nodes where id = ${id}`.execute(database.db);
  return rows[0] as object;
}

const PAST = {
  ...{ version: 6, begun_now: true, no_step: false, attempts: 3, fault: 'quota', no_token: false, no_session: false },
  ...{ has_ready_at: false, has_assigned_at: false, has_deleted_at: false, end_reason: null },
};
const GONE = { no_token: true, no_session: true, lasts_alive_s: null };

/** Each state's entry; all that is not named stays as it was. */
const ENTRIES = {
  launching: { lasts_s: 30, lasts_alive_s: 30 },
  booting: { lasts_s: 30, lasts_alive_s: 30 },
  checking: { lasts_s: 20, lasts_alive_s: 20 },
  ready: { lasts_s: null, lasts_alive_s: null, fault: null, has_ready_at: true },
  assigned: { lasts_s: 60, lasts_alive_s: 60, has_assigned_at: true },
  running: { lasts_s: 9, lasts_alive_s: 9 },
  held: { lasts_s: 9, lasts_alive_s: null },
  deleting: { ...GONE, lasts_s: 600, attempts: 0, end_reason: 'for the test' },
  deleted: { ...GONE, no_step: true, lasts_s: null, has_deleted_at: true },
} as const;

const expected = (to: keyof typeof ENTRIES) => ({ ...PAST, state: to, ...ENTRIES[to] });

test('a move writes all that belongs to the state that it leads to, and nothing else', async () => {
  const moves = [
    ...[
      ['planned', 'launching'],
      ['launching', 'booting'],
      ['booting', 'checking'],
      ['checking', 'ready'],
    ],
    ...[
      ['ready', 'assigned'],
      ['assigned', 'running'],
      ['running', 'held'],
      ['held', 'deleting'],
    ],
    ...[
      ['deleting', 'deleted'],
      ['checking', 'held'],
      ['running', 'deleting'],
      ['planned', 'deleting'],
    ],
  ] as [NodeState, keyof typeof ENTRIES][];
  for (const [from, to] of moves) {
    const id = await nodeWithPast(from);
    const lasts = to === 'running' || to === 'held' ? { deadline_after_ms: 9_000 } : {};
    expect(
      await moveNode(database.db, { id, from, to, reason: 'for the test', actor: 'test', ...lasts } as NodeMove),
    ).toBe(true);
    expect(await entered(id)).toEqual(expected(to));
  }
});

test('a statement that does more enters the state in the same way', async () => {
  const { db } = database;
  const lease = {
    name: 'provider:a',
    holder: 'me',
    epoch: (await takeLease(db, 'provider:a', 'me', 60_000))?.epoch ?? 0,
  };

  const launching = await nodeWithPast('planned');
  const call = { id: launching, version: 5, timeout_ms: 1_000, new_registration_hash: null };
  expect(await claimLaunches(db, [call], lease)).toEqual([{ id: launching, claim: 8 }]);
  expect(await entered(launching)).toEqual(expected('launching'));

  const booting = await nodeWithPast('launching');
  expect(
    await recordLaunched(db, [
      { claim: { id: booting, claim: 7 }, machine: { external_id: 'm-1', addresses: [], host_keys: [] } },
    ]),
  ).toEqual([true]);
  expect(await entered(booting)).toEqual({ ...expected('booting'), no_step: true, attempts: 0 });

  const checking = await nodeWithPast('launching');
  expect(await registerAgent(db, TOKEN(checking), secretHash('another session'))).toMatchObject({ id: checking });
  expect(await entered(checking)).toEqual(expected('checking'));

  const ready = await nodeWithPast('checking');
  expect(await markReady(db, [{ node_id: ready, epoch: 4, tasks: [], reason: 'well' }])).toHaveLength(1);
  expect(await entered(ready)).toEqual(expected('ready'));

  const assigned = await nodeWithPast('ready');
  const given = { node_id: assigned, version: 5, reason: 'test' };
  expect(await db.transaction().execute((tx) => assignNodes(tx, [given]))).toEqual([{ id: assigned, epoch: 4 }]);
  expect(await entered(assigned)).toEqual(expected('assigned'));

  const failed = await nodeWithPast('launching');
  const failure = { fault: 'gone', reason: 'for the test' } as const;
  expect(await recordLaunchFailed(db, { id: failed, claim: 7 }, failure)).toBe(true);
  expect(await entered(failed)).toEqual({ ...expected('deleting'), fault: 'gone' });

  const deleted = await nodeWithPast('deleting');
  expect(await recordDestroyed(db, [{ id: deleted, claim: 7 }])).toEqual([true]);
  expect(await entered(deleted)).toEqual(expected('deleted'));
});

test('a statement that finds the node further on leaves its state as it is', async () => {
  const { db } = database;
  const id = await nodeWithPast('checking');
  const before = await state(id);
  expect(
    await recordLaunched(db, [
      { claim: { id, claim: 7 }, machine: { external_id: 'm-2', addresses: [], host_keys: [] } },
    ]),
  ).toEqual([true]);
  expect(await registerAgent(db, TOKEN(id), secretHash('a third session'))).toMatchObject({ id });
  expect(await state(id)).toEqual({ ...before, version: 7 });
});

async function state(id: NodeId) {
  const columns = ['state', 'version', 'state_since', 'deadline', 'deadline_alive_ms', 'fault'] as const;
  return await database.db.selectFrom('nodes').select(columns).where('id', '=', id).executeTakeFirstOrThrow();
}
