import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { NodeId } from '../../base/ids.ts';
import { secretHash } from '../../base/random.ts';
import { until } from '../../base/testing/until.ts';
import type { Machine } from '../../providers/contract.ts';
import { takeLease } from '../../store/leases.ts';
import type { Db } from '../../store/schema/database.ts';
import { type TestDatabase, testDatabase } from '../../store/testing/database.ts';
import { inAnyState } from '../../store/testing/states.ts';
import { preflightFailed, preflightPassed } from '../preflight.ts';
import { NODE_STATES, NODE_TRANSITIONS, type NodeState } from '../state.ts';
import { bumpEpoch, currentState, nodesSeen, reconnectAgent, registerAgent, spendToken } from './agent.ts';
import { assignNodes } from './assign.ts';
import {
  type Claim,
  claimDestroys,
  claimLaunches,
  type LaunchCall,
  type ProviderLease,
  recordDestroyed,
  recordLaunched,
  recordStep,
} from './drive.ts';
import { listNodeEvents } from './list.ts';
import { findNode, moveNode } from './move.ts';
import { insertPlanned, readLiveNodes } from './planning.ts';
import { readPoolStatuses, recordPoolFailure } from './status.ts';

let database: TestDatabase;
let made = 0;
let id: NodeId;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  id = await planned();
});

type Call = Pick<LaunchCall, 'timeout_ms' | 'new_registration_hash'>;

async function claimLaunch(db: Db, node: { id: NodeId; version: number }, owner: ProviderLease, call: Call) {
  return (await claimLaunches(db, [{ ...node, ...call }], owner))[0] ?? null;
}

const machineOf = (external_id: string): Machine => {
  return { external_id, addresses: ['192.0.2.7'], host_keys: ['ssh-ed25519 AAAA'] };
};

async function launched(db: Db, claim: Claim, external_id: string): Promise<boolean> {
  return (await recordLaunched(db, [{ claim, machine: machineOf(external_id) }]))[0] === true;
}

async function planned(): Promise<NodeId> {
  made += 1;
  const node_id = `n-${String(made).padStart(8, '0')}` as NodeId;
  await insertPlanned(database.db, [
    {
      ...{ id: node_id, provider: 'a', node_type: 'jammy', labels: ['jammy', 'x86_64'], options: { image: 'x' } },
      takes: { nodes: 1 },
      ...{ boot_timeout_ms: 60_000, check_timeout_ms: 60_000, reason: 'jammy below its target (0 of 1)' },
    },
  ]);
  return node_id;
}

async function force(state: NodeState): Promise<void> {
  await inAnyState(database.db, (tx) => sql`update nodes set state = ${state} where id = ${id}`.execute(tx));
}

const move = (to: NodeState, more: object = {}) =>
  moveNode(database.db, { id, to, reason: 'for the test', actor: 'test', deadline_after_ms: 1_000, ...more });

const task = { name: 'disk', outcome: 'ok' as const, tries: 1, duration_ms: 410, detail: '81 % free' };

test('only the listed moves are made, each with its event', async () => {
  for (const from of NODE_STATES) {
    for (const to of NODE_STATES) {
      await force(from);
      expect([from, to, await move(to)]).toEqual([from, to, NODE_TRANSITIONS[from].includes(to)]);
    }
  }
  const moves = NODE_STATES.flatMap((from) => NODE_TRANSITIONS[from]);
  const events = await listNodeEvents(database.db, id);
  expect(events.map((event) => event.state)).toEqual(['planned', ...moves]);
  expect(events[0]).toMatchObject({ reason: 'jammy below its target (0 of 1)', actor: 'fleet' });
});

test('of two that saw the same version one moves the node', async () => {
  const node = await findNode(database.db, id);
  const moves = await Promise.all([1, 2, 3].map(() => move('deleting', { version: node?.version })));
  expect(moves.filter(Boolean).length).toBe(1);
});

test('a token registers once; the agent comes back with its session, and older words are void', async () => {
  const { db } = database;
  const lease = await takeLease(db, 'provider:a', 'me', 60_000);
  const owner = { name: 'provider:a', holder: 'me', epoch: lease?.epoch ?? 0 };
  const token = secretHash(`token ${id}`);
  const session = secretHash(`session ${id}`);
  const call = { timeout_ms: 1_000, new_registration_hash: token };
  expect(await claimLaunch(db, { id, version: 0 }, owner, call)).toMatchObject({ claim: 1 });
  expect(await registerAgent(db, secretHash('another'), session)).toBeNull();
  const node = await registerAgent(db, token, session);
  expect(node).toMatchObject({ id, state: 'checking', epoch: 1 });
  expect(await reconnectAgent(db, session)).toMatchObject({ id, epoch: 2 });
  expect(await registerAgent(db, token, secretHash('thief'))).toBeNull();
  expect(await currentState(db, id, 1)).toBeNull();
  expect(await bumpEpoch(db, id)).toBe(3);
  const tasks = [task];
  expect(await preflightPassed(db, [{ node_id: id, epoch: 2, tasks }])).toEqual([false]);
  expect(await preflightPassed(db, [{ node_id: id, epoch: 3, tasks }])).toEqual([true]);
  expect((await listNodeEvents(db, id)).at(-1)?.reason).toBe('pre-flight 410 ms: disk 81 % free ✓');
  await move('deleting');
  expect(await reconnectAgent(db, session)).toBeNull();
});

test('a row that somebody else writes at that moment is written after them, as if they had been first', async () => {
  const { db } = database;
  const lease = await takeLease(db, 'provider:a', 'me', 60_000);
  const owner = { name: 'provider:a', holder: 'me', epoch: lease?.epoch ?? 0 };
  const other = await planned();
  /** Begins the work while another transaction has the row in its hands, and answers what it came to. */
  const meanwhile = async <T>(work: () => Promise<T>): Promise<T> => {
    const { begun } = await db.transaction().execute(async (tx) => {
      await sql`update nodes set console = coalesce(console, '') || '.', step = null where id = ${id}`.execute(tx);
      const working = work();
      await untilBlocked(db);
      // Within an object: a promise would be awaited before the commit.
      return { begun: working };
    });
    return await begun;
  };
  const token = secretHash(`meanwhile ${id}`);
  const call = (node_id: NodeId, new_registration_hash: Buffer | null) => {
    return { id: node_id, version: 0, timeout_ms: 1_000, new_registration_hash };
  };
  const calls = [call(id, token), call(other, null)];
  const [claim] = await meanwhile(() => claimLaunches(db, calls, owner));
  if (!claim) throw new Error('not claimed');
  const node = await meanwhile(() => registerAgent(db, token, secretHash(`session ${id}`)));
  expect(node).toMatchObject({ id, state: 'checking' });
  const report = { node_id: id, epoch: 1, tasks: [task] };
  expect(await meanwhile(() => preflightPassed(db, [report]))).toEqual([true]);
  expect(await meanwhile(() => recordLaunched(db, [{ claim, machine: machineOf('m-1') }]))).toEqual([true]);
  const ready = (await findNode(db, id))?.version ?? 0;
  const assignment = { node_id: id, version: ready, reason: 'test' };
  expect(await meanwhile(() => db.transaction().execute((tx) => assignNodes(tx, [assignment])))).toEqual([
    { id, epoch: 1 },
  ]);
  await move('deleting');
  const version = (await findNode(db, id))?.version ?? 0;
  const [destroy] = await meanwhile(() => claimDestroys(db, [{ id, version, timeout_ms: 1_000 }], owner));
  if (!destroy) throw new Error('not claimed');
  expect(await meanwhile(() => recordDestroyed(db, [destroy]))).toEqual([true]);
});

async function untilBlocked(db: Db): Promise<void> {
  const blocked = sql`select pid from pg_stat_activity where datname = current_database()
    and cardinality(pg_blocking_pids(pid)) > 0`;
  await until(async () => (await blocked.execute(db)).rows.length > 0, 'somebody who waits for the row');
}

test('after any number of crashes the machine may have the token of any of its launches, until one is used', async () => {
  const { db } = database;
  const lease = await takeLease(db, 'provider:a', 'me', 60_000);
  const owner = { name: 'provider:a', holder: 'me', epoch: lease?.epoch ?? 0 };
  const call = (text: string) => ({ timeout_ms: 1_000, new_registration_hash: secretHash(`${text} ${id}`) });
  const launches = ['first', 'second', 'third', 'fourth'];
  for (const [version, launch] of launches.entries()) await claimLaunch(db, { id, version }, owner, call(launch));
  // A call of the same process again: its token is among them.
  await claimLaunch(db, { id, version: 4 }, owner, { timeout_ms: 1_000, new_registration_hash: null });
  expect(await registerAgent(db, secretHash(`first ${id}`), secretHash(`session ${id}`))).not.toBeNull();
  for (const launch of launches.slice(1)) {
    expect(await registerAgent(db, secretHash(`${launch} ${id}`), secretHash('another'))).toBeNull();
  }
  await spendToken(db, id, 1);
  expect(await registerAgent(db, secretHash(`first ${id}`), secretHash('another'))).toBeNull();
});

test('no call is claimed without the lease, and no answer is written under an older claim', async () => {
  const { db } = database;
  const lease = await takeLease(db, 'provider:a', 'me', 60_000);
  const owner = { name: 'provider:a', holder: 'me', epoch: lease?.epoch ?? 0 };
  const call = { timeout_ms: 1_000, new_registration_hash: null };
  expect(await claimLaunch(db, { id, version: 0 }, { ...owner, epoch: owner.epoch - 1 }, call)).toBeNull();
  expect(await claimLaunch(db, { id, version: 0 }, { ...owner, holder: 'other' }, call)).toBeNull();
  const first = await claimLaunch(db, { id, version: 0 }, owner, call);
  const second = await claimLaunch(db, { id, version: 1 }, owner, call);
  if (first === null || second === null) throw new Error('not claimed');
  expect(await launched(db, first, 'm-1')).toBe(false);
  expect(await recordStep(db, second, 'launch', { step: { at: 1 }, poll_ms: 0 })).toBe(true);
  expect(await launched(db, second, 'm-2')).toBe(true);
  expect(await launched(db, second, 'm-3')).toBe(false);
  await move('deleting');
  const version = (await findNode(db, id))?.version ?? 0;
  const [destroy] = await claimDestroys(db, [{ id, version, timeout_ms: 1_000 }], owner);
  if (!destroy) throw new Error('not claimed');
  expect(await recordDestroyed(db, [second])).toEqual([false]);
  expect(await recordDestroyed(db, [destroy])).toEqual([true]);
});

test('rows of many nodes are written together, and each answers for itself, in the order that was asked', async () => {
  const { db } = database;
  const lease = await takeLease(db, 'provider:a', 'me', 60_000);
  const owner = { name: 'provider:a', holder: 'me', epoch: lease?.epoch ?? 0 };
  const ids = [await planned(), id, await planned()];
  const calls = ids.map((node_id, index) => {
    const new_registration_hash = index === 2 ? null : secretHash(`many ${node_id}`);
    return { id: node_id, version: index === 1 ? 7 : 0, timeout_ms: 1_000, new_registration_hash };
  });
  const claims = await claimLaunches(db, calls, owner);
  expect(claims.map((claim) => claim?.id ?? null)).toEqual([ids[0], null, ids[2]]);
  expect(await registerAgent(db, secretHash(`many ${ids[0]}`), secretHash(`session ${ids[0]}`))).not.toBeNull();
  const kept = claims.filter((claim) => claim !== null);
  const answers = kept.map((claim) => ({ claim, machine: machineOf(`machine of ${claim.id}`) }));
  const stale = { claim: { id, claim: 3 }, machine: machineOf('nobody') };
  expect(await recordLaunched(db, [stale, ...answers])).toEqual([false, true, true]);
  const rows = await Promise.all(ids.map((node_id) => findNode(db, node_id)));
  expect(rows.map((row) => row?.state)).toEqual(['checking', 'planned', 'booting']);
  const tasks = [task];
  const reports = ids.map((node_id) => ({ node_id, epoch: 1, tasks }));
  expect(await preflightPassed(db, reports)).toEqual([true, false, false]);
});

test('an agent may report before the launch call answers: the machine is still learnt', async () => {
  const { db } = database;
  const lease = await takeLease(db, 'provider:a', 'me', 60_000);
  const owner = { name: 'provider:a', holder: 'me', epoch: lease?.epoch ?? 0 };
  const token = secretHash(`early ${id}`);
  const claim = await claimLaunch(db, { id, version: 0 }, owner, { timeout_ms: 1_000, new_registration_hash: token });
  await registerAgent(db, token, secretHash(`session ${id}`));
  expect(claim !== null && (await launched(db, claim, 'm-1'))).toBe(true);
  const { rows } = await sql`select state, external_id, addresses, host_keys from nodes where id = ${id}`.execute(db);
  expect(rows).toEqual([
    { state: 'checking', external_id: 'm-1', addresses: ['192.0.2.7'], host_keys: ['ssh-ed25519 AAAA'] },
  ]);
});

test('a failed check replaces the node, and nodes that fail together count once', async () => {
  const { db } = database;
  const others = await Promise.all([planned(), planned()]);
  for (const node_id of [id, ...others]) {
    await inAnyState(db, (tx) =>
      sql`update nodes set state = 'checking', session_epoch = 1 where id = ${node_id}`.execute(tx),
    );
    const tasks = [task, { ...task, name: 'toolchain', outcome: 'failed' as const, detail: 'no gcc here' }];
    const failed = await db.transaction().execute((tx) => preflightFailed(tx, { node_id, epoch: 1, tasks }));
    expect(failed).toBe(true);
  }
  expect((await readPoolStatuses(db))[0]).toMatchObject({
    failures: 1,
    message: 'pre-flight failed: toolchain: no gcc here',
  });
  const { rows } = await sql<{ now: Date }>`select groundcrew_now() as now`.execute(db);
  const planned_at = rows[0]?.now as Date;
  const failure = { provider: 'a', node_type: 'jammy', fault: 'transient' as const, message: 'again', planned_at };
  await recordPoolFailure(db, { ...failure, pause_ms: 0 });
  const status = (await readPoolStatuses(db))[0];
  expect(status).toMatchObject({ failures: 2, message: 'again' });
});

test('being seen is on the alive clock; the planner reads times as milliseconds', async () => {
  const { db } = database;
  await sql`update alive_clock set alive_ms = 5000`.execute(db);
  await nodesSeen(db, [id, 'n-zzzzzzzz' as NodeId]);
  const node = (await readLiveNodes(db)).find((each) => each.id === id);
  expect(node).toMatchObject({ agent_seen_alive_ms: 5000, labels: ['jammy', 'x86_64'], options: { image: 'x' } });
  expect((node?.deadline_ms ?? 0) - (node?.created_at_ms ?? 0)).toBeGreaterThan(590_000);
});

test('an outage of ours makes no node overdue that waits for its agent; the same time with a server there does', async () => {
  const { db } = database;
  const lease = await takeLease(db, 'provider:a', 'me', 60_000);
  const owner = { name: 'provider:a', holder: 'me', epoch: lease?.epoch ?? 0 };
  const isOverdue = async (): Promise<boolean> => {
    const node = (await readLiveNodes(db)).find((each) => each.id === id);
    const { rows } = await sql<{ now_ms: number }>`
      select extract(epoch from groundcrew_now())::float8 * 1000 as now_ms`.execute(db);
    return node?.deadline_ms != null && node.deadline_ms <= (rows[0]?.now_ms ?? 0);
  };
  const afterAnHour = async (of: 'outage' | 'work'): Promise<boolean> => {
    await sql`update nodes set deadline = deadline - interval '1 hour' where id = ${id}`.execute(db);
    if (of === 'work') await sql`update alive_clock set alive_ms = alive_ms + 3600000`.execute(db);
    return await isOverdue();
  };
  const seen: [string | undefined, boolean, boolean][] = [];
  const look = async (): Promise<void> => {
    const state = (await findNode(db, id))?.state;
    seen.push([state, await afterAnHour('outage'), await afterAnHour('work')]);
  };
  const token = secretHash(`outage ${id}`);
  const claim = await claimLaunch(db, { id, version: 0 }, owner, { timeout_ms: 1_000, new_registration_hash: token });
  await look();
  expect(claim !== null && (await launched(db, claim, 'm-1'))).toBe(true);
  await look();
  await registerAgent(db, token, secretHash(`session ${id}`));
  await look();
  await preflightPassed(db, [{ node_id: id, epoch: 1, tasks: [task] }]);
  const version = (await findNode(db, id))?.version ?? 0;
  const assignment = { node_id: id, version, reason: 'test' };
  await db.transaction().execute((tx) => assignNodes(tx, [assignment]));
  await look();
  await move('running');
  await look();
  // People and providers need no server of ours.
  await move('held');
  await look();
  expect(seen).toEqual([
    ...['launching', 'booting', 'checking', 'assigned', 'running'].map((state) => [state, false, true]),
    ['held', true, true],
  ]);
});
