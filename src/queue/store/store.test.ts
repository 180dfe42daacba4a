import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { seededRandom } from '../../base/random.ts';
import { type TestDatabase, testDatabase } from '../../store/testing/database.ts';
import { retryDelay_ms } from '../attempt.ts';
import { type ClaimedItem, LANES, MOST_LAPSES, USUAL_RETRY } from '../contract.ts';
import { listDead, retryDead } from './dead.ts';
import { queueDepths } from './depths.ts';
import { lapseEveryLease, lookForWork } from './due.ts';
import * as store from './items.ts';

let connection: TestDatabase;
beforeAll(async () => {
  connection = await testDatabase();
  await sql`create table effects (key text not null, step int not null)`.execute(connection.db);
});
afterAll(() => connection.close());
beforeEach(async () => {
  await sql`truncate work_items, effects`.execute(connection.db);
});

const put = (key: string, options: { kind?: string; delay_ms?: number; payload?: object } = {}) =>
  store.enqueue(connection.db, { lane: 'ingest', kind: 'work', key, payload: {}, ...options });
const claim = (limit = 1, worker = 'w1') =>
  store.claimItems(connection.db, { lane: 'ingest', kinds: ['work'], worker, limit });
const lapse = () =>
  sql`update work_items set lease_until = groundcrew_now() - interval '1 ms'
  where state = 'running'`.execute(connection.db);
const row = (key: string) =>
  connection.db.selectFrom('work_items').selectAll().where('key', '=', key).executeTakeFirst();
async function claimOne(worker?: string): Promise<ClaimedItem> {
  const [item] = await claim(1, worker);
  if (item === undefined) throw new Error('nothing to claim');
  return item;
}

test('an item that was enqueued in a transaction that rolls back is not there', async () => {
  await connection.db
    .transaction()
    .execute(async (tx) => {
      await store.enqueue(tx, { lane: 'ingest', kind: 'work', key: 'a', payload: {} });
      throw new Error('on purpose');
    })
    .catch(() => undefined);
  expect(await claim()).toEqual([]);
});

test('oldest first, each to one worker, nothing before its time, nothing of another lane or kind', async () => {
  await put('1', { payload: { text: 'a "quoted" \\ text' } });
  await put('2');
  await put('3', { kind: 'unknown' });
  await put('4', { delay_ms: 60_000 });
  await store.enqueue(connection.db, { lane: 'fetch', kind: 'work', key: '5', payload: {} });
  const [first, ...rest] = await claim(10);
  expect(first).toMatchObject({ key: '1', payload: { text: 'a "quoted" \\ text' }, fence: 1, checkpoint: null });
  expect(rest.map((item) => item.key)).toEqual(['2']);
  expect(await claim(10)).toEqual([]);
});

test('workers that claim at once never get the same item', async () => {
  await store.enqueueMany(
    connection.db,
    Array.from({ length: 200 }, (_, index) => ({
      lane: 'ingest' as const,
      kind: 'work',
      key: `${index}`,
      payload: {},
    })),
  );
  const claims = await Promise.all(Array.from({ length: 20 }, (_, worker) => claim(20, `w${worker}`)));
  const keys = claims.flat().map((item) => item.key);
  expect(new Set(keys).size).toBe(keys.length);
});

test('one live item a key; a dead one starts anew', async () => {
  await put('a', { payload: { version: 1 } });
  await put('a', { payload: { version: 2 } });
  const item = await claimOne();
  expect(item.payload).toEqual({ version: 1 });
  await put('a', { payload: { version: 3 } });
  expect(await claim()).toEqual([]);
  await store.failItem(connection.db, item, { error: 'broken\0', retry_in_ms: null });
  expect(await listDead(connection.db, 10)).toMatchObject([{ key: 'a', error: 'broken\ufffd', failures: 1 }]);
  await put('a', { payload: { version: 4 } });
  expect(await claimOne()).toMatchObject({ payload: { version: 4 }, fence: 3, failures: 0 });
});

test('completion and effect commit together, or neither', async () => {
  await put('a');
  const item = await claimOne();
  const complete = (fence: number) =>
    connection.db.transaction().execute(async (tx) => {
      await sql`insert into effects values ('a', ${fence})`.execute(tx);
      await store.completeItems(tx, [{ id: item.id, fence }]);
    });
  await expect(complete(item.fence - 1)).rejects.toMatchObject({ code: 'GC1217' });
  await expect(complete(item.fence + 1)).rejects.toMatchObject({ code: 'GC1217' });
  await complete(item.fence);
  await expect(complete(item.fence)).rejects.toMatchObject({ code: 'GC1217' });
  expect((await sql`select * from effects`.execute(connection.db)).rows).toEqual([{ key: 'a', step: 1 }]);
  expect(await row('a')).toBeUndefined();
});

test('a batch in which one item was taken over rolls back as a whole', async () => {
  await put('a');
  await put('b');
  const items = await claim(2);
  const stale = items.map((item) => (item.key === 'b' ? { ...item, fence: item.fence - 1 } : item));
  await expect(connection.db.transaction().execute((tx) => store.completeItems(tx, stale))).rejects.toMatchObject({
    code: 'GC1217',
  });
  await connection.db.transaction().execute((tx) => store.completeItems(tx, items));
  expect(await row('a')).toBeUndefined();
});

test('who knows that it is alone lets every lease lapse at once', async () => {
  const { db } = connection;
  await put('a');
  await claimOne('killed');
  expect(await lookForWork(db, LANES, ['work'])).toEqual({ lanes: [], lapsed: false });
  await lapseEveryLease(db);
  expect(await lookForWork(db, LANES, ['work'])).toEqual({ lanes: [], lapsed: true });
  expect(await store.freeLapsedItems(db)).toBe(1);
  expect(await lookForWork(db, LANES, ['work'])).toEqual({ lanes: ['ingest'], lapsed: false });
  expect(await lookForWork(db, LANES, ['another'])).toEqual({ lanes: [], lapsed: false });
});

test('a lapsed lease frees the item; what the old claim says afterwards touches nothing', async () => {
  await put('a');
  const old = await claimOne('zombie');
  expect(await store.freeLapsedItems(connection.db)).toBe(0);
  await lapse();
  expect(await store.freeLapsedItems(connection.db)).toBe(1);
  const next = await claimOne('w2');
  expect(next).toMatchObject({ fence: old.fence + 2, interruptions: 1, failures: 0 });
  const { db } = connection;
  expect(await store.renewItems(db, [old])).toEqual(new Set());
  expect(await store.failItem(db, old, { error: 'late', retry_in_ms: null })).toBe(false);
  await store.handBackItems(db, [old]);
  await expect(db.transaction().execute((tx) => store.checkpointItem(tx, old, { late: true }))).rejects.toMatchObject({
    code: 'GC1217',
  });
  expect(await row('a')).toMatchObject({ state: 'running', fence: next.fence, checkpoint: null, error: null });
});

test('being handed back any number of times never kills an item, and keeps its checkpoint', async () => {
  await put('a');
  for (let round = 0; round < MOST_LAPSES * 3; round++) {
    const item = await claimOne();
    if (round === 0) await connection.db.transaction().execute((tx) => store.checkpointItem(tx, item, { at: 5 }));
    await store.handBackItems(connection.db, [item]);
  }
  expect(await claimOne()).toMatchObject({ checkpoint: { at: 5 }, failures: 0, interruptions: MOST_LAPSES * 3 });
});

test('lapses without progress are bounded; a new checkpoint starts the count again, the same one does not', async () => {
  await put('a');
  const lapseOnce = async (checkpoint?: object) => {
    const item = await claimOne();
    if (checkpoint) await connection.db.transaction().execute((tx) => store.checkpointItem(tx, item, checkpoint));
    await lapse();
    await store.freeLapsedItems(connection.db);
  };
  for (let round = 0; round < MOST_LAPSES * 2; round++) await lapseOnce({ at: round });
  expect(await row('a')).toMatchObject({ state: 'waiting', lapses: 1 });
  for (let round = 1; round < MOST_LAPSES; round++) await lapseOnce({ at: MOST_LAPSES * 2 - 1 });
  expect(await row('a')).toMatchObject({ state: 'waiting', lapses: MOST_LAPSES });
  await lapseOnce();
  const [dead] = await listDead(connection.db, 10);
  expect(dead).toMatchObject({ key: 'a', failures: 0, error: expect.stringContaining('w1') });
  expect(dead?.error).toContain(`${MOST_LAPSES + 1} times`);
});

test('failures back off and are bounded; a person may run a dead item again', async () => {
  const random = seededRandom(1);
  const { most_failures } = USUAL_RETRY;
  for (let failures = 1; failures < most_failures; failures++) {
    const delay_ms = retryDelay_ms(failures, random, USUAL_RETRY) as number;
    const whole_ms = Math.min(1_000 * 4 ** (failures - 1), 300_000);
    expect(delay_ms).toBeGreaterThanOrEqual(whole_ms / 2);
    expect(delay_ms).toBeLessThanOrEqual(whole_ms);
  }
  expect(retryDelay_ms(most_failures, random, USUAL_RETRY)).toBeNull();
  await put('a');
  await store.failItem(connection.db, await claimOne(), { error: 'once', retry_in_ms: 60_000 });
  expect(await claim()).toEqual([]);
  expect(await row('a')).toMatchObject({ state: 'waiting', failures: 1, error: 'once' });
  await sql`update work_items set run_at = groundcrew_now()`.execute(connection.db);
  const item = await claimOne();
  await store.failItem(connection.db, item, { error: 'twice', retry_in_ms: null });
  expect(await queueDepths(connection.db)).toEqual(
    LANES.map((lane) => ({ lane, waiting: 0, running: 0, dead: lane === 'ingest' ? 1 : 0, oldest_waiting_ms: null })),
  );
  expect(await retryDead(connection.db, item.id)).toBe(true);
  expect(await retryDead(connection.db, item.id)).toBe(false);
  expect((await queueDepths(connection.db))[1]?.oldest_waiting_ms).toBeGreaterThanOrEqual(0);
  expect(await claimOne()).toMatchObject({ failures: 0, fence: 5 });
});

/** What a careless or unlucky worker may do with any claim it ever got, in any order. */
const steps = fc.array(
  fc.record({
    act: fc.constantFrom('enqueue', 'claim', 'lapse', 'complete', 'checkpoint', 'fail', 'hand back', 'renew'),
    pick: fc.nat(50),
  }),
  { minLength: 5, maxLength: 60 },
);

test('whatever happens in whatever order, every key has exactly one effect in the end', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      await sql`truncate work_items, effects`.execute(connection.db);
      const { db } = connection;
      const enqueued = new Set<string>();
      const claims: ClaimedItem[] = [];
      const complete = (item: ClaimedItem) =>
        db.transaction().execute(async (tx) => {
          await sql`insert into effects values (${item.key}, 0)`.execute(tx);
          await store.completeItems(tx, [item]);
        });
      for (const { act, pick } of sequence) {
        const item = claims[pick % Math.max(claims.length, 1)];
        if (act === 'enqueue') {
          // A key that was completed may be enqueued again: new keys only, so that one effect a key is right.
          enqueued.add(`${enqueued.size}`);
          await put(`${enqueued.size - 1}`);
        } else if (act === 'claim') claims.push(...(await claim(1 + (pick % 3), `w${pick % 2}`)));
        else if (act === 'lapse') {
          await lapse();
          await store.freeLapsedItems(db);
        } else if (item === undefined) continue;
        else if (act === 'complete') await complete(item).catch(expectSuperseded);
        else if (act === 'checkpoint')
          await db
            .transaction()
            .execute((tx) => store.checkpointItem(tx, item, { pick }))
            .catch(expectSuperseded);
        else if (act === 'fail') await store.failItem(db, item, { error: 'x', retry_in_ms: pick % 4 ? 0 : null });
        else if (act === 'hand back') await store.handBackItems(db, [item]);
        else await store.renewItems(db, [item]);
      }
      await lapse();
      await store.freeLapsedItems(db);
      for (const dead of await listDead(db, 1_000)) await retryDead(db, dead.id);
      for (const item of await claim(1_000)) await complete(item);
      const effects = await sql<{ key: string }>`select key from effects`.execute(db);
      expect(effects.rows.map((effect) => effect.key).sort()).toEqual([...enqueued].sort());
      expect(await db.selectFrom('work_items').selectAll().execute()).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

function expectSuperseded(error: unknown): void {
  expect(error).toMatchObject({ code: 'GC1217' });
}
