import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { virtualClock } from '../base/testing/virtual-clock.ts';
import type { Tx } from '../store/schema/database.ts';
import { type TestDatabase, testDatabase } from '../store/testing/database.ts';
import { LaneClaims } from './claims.ts';
import { POLL_MS } from './contract.ts';
import { claimItems, completeItems, enqueue } from './store/items.ts';

let connection: TestDatabase;
beforeAll(async () => {
  connection = await testDatabase();
});
afterAll(() => connection.close());
beforeEach(async () => {
  await sql`truncate work_items`.execute(connection.db);
});

const lane = 'ingest';
const kinds = ['work'];
const put = (db: TestDatabase['db'], key: string) => enqueue(db, { lane, kind: 'work', key, payload: {} });

/** Claims whose time stands still until it is moved, and ten items of which the very first is not committed yet. */
async function claimsWithLateItem() {
  const clock = virtualClock();
  const claims = new LaneClaims({ db: connection.db, clock, lane, kinds, worker: 'w' });
  const transaction = await connection.db.startTransaction().execute();
  await put(transaction, 'late');
  for (let index = 0; index < 9; index++) await put(connection.db, `${index}`);
  const keys = async (limit: number) => (await claims.claim(limit)).map((item) => item.key);
  const commit = () => transaction.commit().execute();
  return { keys, commit, pass: (duration_ms: number) => clock.advance(duration_ms) };
}

test('a full lane goes on where the last claim ended; what came to stand before that is found within a second', async () => {
  const { keys, commit, pass } = await claimsWithLateItem();
  expect(await keys(2)).toEqual(['0', '1']);
  await commit();
  await pass(POLL_MS - 1);
  expect(await keys(2)).toEqual(['2', '3']);
  await pass(1);
  expect(await keys(2)).toEqual(['late', '4']);
  expect(await keys(2)).toEqual(['5', '6']);
});

test('a claim that finds less than was asked for has looked at everything', async () => {
  const { keys, commit } = await claimsWithLateItem();
  expect(await keys(7)).toHaveLength(7);
  await commit();
  expect(await keys(7)).toEqual(['late', '7', '8']);
  expect(await keys(7)).toEqual([]);
});

/** How often the table was read by this session, as a whole and by an index, since its counts were last handed on. */
async function scans(tx: Tx): Promise<{ of_table: number; of_indexes: number }> {
  const answer = await sql<{ of_table: number; of_indexes: number }>`
    select seq_scan as of_table, idx_scan as of_indexes
      from pg_stat_xact_user_tables where relname = 'work_items'`.execute(tx);
  return answer.rows[0] ?? { of_table: Number.NaN, of_indexes: Number.NaN };
}

test('claiming and completing never read the whole table, also when they were planned for an empty one', async () => {
  await sql`vacuum analyze work_items`.execute(connection.db);
  await connection.db.connection().execute(async (db) => {
    const claim = (limit: number) => claimItems(db, { lane, kinds, worker: 'w', limit });
    // As an idle worker does; a plan is kept from the sixth time on.
    for (let round = 0; round < 8; round++) {
      await put(db, 'a');
      await completeItems(db, await claim(1));
      expect(await claim(50)).toEqual([]);
    }
    await put(db, 'a');
    await put(db, 'b');
    await db.transaction().execute(async (tx) => {
      const before = await scans(tx);
      await completeItems(tx, await claimItems(tx, { lane, kinds, worker: 'w', limit: 50 }));
      const after = await scans(tx);
      expect(after.of_table - before.of_table).toBe(0);
      expect(after.of_indexes - before.of_indexes).toBeGreaterThan(0);
    });
  });
});
