import { sql } from 'kysely';
import { afterEach, expect, test } from 'vitest';
import { claimItems, enqueue, freeLapsedItems } from '../../queue/store/items.ts';
import { readAlive, tickAlive } from '../alive-clock.ts';
import { renewLease, takeLease } from '../leases.ts';
import { migrate } from '../migrate.ts';
import { MIGRATIONS } from '../migrations/all.ts';
import { emptyTestDatabase, type TestDatabase, testDatabase } from './database.ts';
import { driveTime } from './driven-time.ts';

const HOUR_MS = 3_600_000;
let database: TestDatabase;
afterEach(async () => await database.close());

test('as it is in production, the function is the clock itself: the plan names nothing else', async () => {
  database = await testDatabase();
  const plan = await sql<Record<string, string>>`
    explain verbose select from leases where expires_at < groundcrew_now()`.execute(database.db);
  const text = plan.rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(text).toContain('expires_at < clock_timestamp()');
  expect(text).not.toContain('groundcrew_now');
});

test('no column takes its time from anywhere else', async () => {
  database = await testDatabase();
  const defaults = await sql<{ place: string; text: string }>`
    select adrelid::regclass || '.' || attname as place, pg_get_expr(adbin, adrelid) as text
    from pg_attrdef join pg_attribute on attrelid = adrelid and attnum = adnum
    where pg_get_expr(adbin, adrelid) ~ '(clock|statement|transaction)_timestamp|now\\(|current_timestamp'`.execute(
    database.db,
  );
  const others = defaults.rows.filter(({ text }) => text !== 'groundcrew_now()').map(({ place }) => place);
  expect(others).toEqual(['migrations.applied_at']);
  expect(defaults.rows.length).toBeGreaterThan(20);
  const functions = await sql<{ name: string }>`select proname::text as name from pg_proc
    where pronamespace = 'public'::regnamespace and pg_get_functiondef(oid) ~ '(clock|statement|transaction)_timestamp|[^_]now\\(|current_timestamp'`.execute(
    database.db,
  );
  expect(functions.rows).toEqual([{ name: 'groundcrew_now' }]);
});

test('time is moved for every session, also under plans that are kept', async () => {
  database = await testDatabase();
  const { db } = database;
  const time = await driveTime(db);
  expect(await takeLease(db, 'a', 'first', HOUR_MS)).toEqual({ epoch: 1 });
  expect(await takeLease(db, 'a', 'second', HOUR_MS)).toBeNull();
  await enqueue(db, { lane: 'ingest', kind: 'work', key: 'a', payload: {}, delay_ms: HOUR_MS });
  const claim = () => claimItems(db, { lane: 'ingest', kinds: ['work'], worker: 'w', limit: 5 });
  expect(await claim()).toEqual([]);
  await time.advance(HOUR_MS + 1);
  expect(await claim()).toHaveLength(1);
  expect(await freeLapsedItems(db)).toBe(0);
  await time.advance(HOUR_MS);
  expect(await freeLapsedItems(db)).toBe(1);
  expect(await takeLease(db, 'a', 'second', HOUR_MS)).toEqual({ epoch: 2 });
  expect(await renewLease(db, 'a', 'first', 1, HOUR_MS)).toBe(false);
});

test('servers were alive meanwhile, or nobody was', async () => {
  database = await testDatabase();
  const { db } = database;
  const time = await driveTime(db, { stopped: true });
  await tickAlive(db);
  const before = await readAlive(db);
  await time.advance(HOUR_MS);
  expect(await tickAlive(db)).toBe(before + HOUR_MS);
  await time.advance(HOUR_MS, { outage: true });
  expect(await tickAlive(db)).toBe(before + HOUR_MS + 2_000);
});

test('stopped, it stands still; else it goes on from where it was moved to', async () => {
  database = await testDatabase();
  const { db } = database;
  const begin_ms = Number(
    (await sql<{ ms: string }>`select extract(epoch from clock_timestamp()) * 1000 as ms`.execute(db)).rows[0]?.ms,
  );
  const stopped = await driveTime(db, { stopped: true });
  const at_ms = await stopped.now_ms();
  expect(at_ms).toBeGreaterThanOrEqual(begin_ms - 1);
  expect(await stopped.now_ms()).toBe(at_ms);
  await stopped.advance(1_500);
  expect(await stopped.now_ms()).toBeCloseTo(at_ms + 1_500, 1);
  const going = await driveTime(db);
  await going.advance(HOUR_MS);
  const first_ms = await going.now_ms();
  expect(first_ms).toBeGreaterThan(at_ms + HOUR_MS);
  expect(await going.now_ms()).toBeGreaterThan(first_ms);
  await expect(going.advance(-1)).rejects.toThrow('time does not go back');
});

test('a schema of before the function has it too, and it stays as a test left it', async () => {
  database = await emptyTestDatabase();
  const before = MIGRATIONS.filter(({ name }) => name < '0015');
  await migrate(database, before);
  const time = await driveTime(database.db, { stopped: true });
  const at_ms = await time.now_ms();
  await migrate(database);
  expect(await time.now_ms()).toBe(at_ms);
});
