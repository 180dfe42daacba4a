import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seededRandom } from '../base/random.ts';
import { until } from '../base/testing/until.ts';
import { virtualClock } from '../base/testing/virtual-clock.ts';
import { openDirectoryBlobs } from '../blobs/directory.ts';
import { FrameWriter, MAGIC } from './archive/frames.ts';
import { inOrder } from './archive/tables.ts';
import { ensureDeployment, readDeployment } from './deployment.ts';
import { type ExportOptions, exportDatabase } from './export.ts';
import { type ImportOptions, importDatabase } from './import.ts';
import { emptyTestDatabase, type TestDatabase, testDatabase } from './testing/database.ts';

const random = seededRandom(5);
const directory = mkdtempSync(join(tmpdir(), 'groundcrew-transfer-'));
let source: TestDatabase;
let exported: Buffer;

beforeAll(async () => {
  source = await testDatabase();
  await ensureDeployment(source.db, random);
  await sql`insert into work_items (lane, kind, key, payload)
    select 'ingest', 'k', 'key ' || n, jsonb_build_object('text', E'tab\\t new\\n line \\\\ end', 'n', n)
      from generate_series(1, 2000) n`.execute(source.db);
  await sql`insert into audit_log (actor, action, subject) values ('maria', 'ä ö \\ € 😀', E'\\t')`.execute(source.db);
  await sql`insert into tokens (name, kind, role, hash) values ('ci', 'api', 'admin', '\\x00ff0a09'::bytea)`.execute(
    source.db,
  );
  await sql`insert into projects (slug) values ('a/b')`.execute(source.db);
  await sql`insert into builds (project_id, version) select id, 'v1' from projects`.execute(source.db);
  exported = await exportFrom(source);
});
afterAll(async () => {
  await source.close();
  rmSync(directory, { recursive: true, force: true });
});

async function exportFrom(database: TestDatabase, options: Partial<ExportOptions> = {}): Promise<Buffer> {
  const through = new PassThrough();
  const collected = buffer(through);
  await exportDatabase(database, through, { clock: virtualClock(), ...options });
  return collected;
}

function importInto(database: TestDatabase, data: Buffer, options: Partial<ImportOptions> = {}) {
  const chunks = Array.from({ length: Math.ceil(data.length / 4_096) }, (_, n) =>
    data.subarray(n * 4_096, (n + 1) * 4_096),
  );
  return importDatabase(database, Readable.from(chunks), { random, ...options });
}

/** Everything in every table. */
async function contents(database: TestDatabase): Promise<Record<string, unknown[]>> {
  const tables = await sql<{ name: string }>`select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'migrations' order by 1`.execute(
    database.db,
  );
  const all: Record<string, unknown[]> = {};
  for (const { name } of tables.rows) {
    const rows = await sql<{ row: string }>`select t::text as row from ${sql.table(name)} t order by 1`.execute(
      database.db,
    );
    all[name] = rows.rows.map((row) => row.row);
  }
  return all;
}

test('everything arrives, in a new and in a migrated database, and identities go on', async () => {
  for (const make of [emptyTestDatabase, testDatabase]) {
    const target = await make();
    const counts = await importInto(target, exported, { take_over: true });
    expect(counts.rows).toBeGreaterThan(2_000);
    expect(await contents(target)).toEqual(await contents(source));
    const made = await sql<{ id: number }>`insert into work_items (lane, kind, key, payload)
      values ('ingest', 'k', 'new', '{}') returning id`.execute(target.db);
    expect(made.rows[0]?.id).toBe(2_001);
    await target.close();
  }
});

test('an import becomes another deployment that only observes, unless it takes over', async () => {
  const old = await readDeployment(source.db);
  const copy = await emptyTestDatabase();
  await importInto(copy, exported);
  const now = await readDeployment(copy.db);
  expect(now.observing).toBe(true);
  expect(now.id).not.toBe(old.id);
  await copy.close();
  const heir = await emptyTestDatabase();
  await importInto(heir, exported, { take_over: true });
  expect(await readDeployment(heir.db)).toEqual(old);
  await heir.close();
});

test('an export is one moment, whatever is written meanwhile', async () => {
  const before = await contents(source);
  const collected = await source.db.transaction().execute(async (tx) => {
    // The export has its picture, and waits for this table.
    await sql`lock table work_items in access exclusive mode`.execute(tx);
    const running = exportFrom(source);
    const waits = sql<{ waits: boolean }>`select count(*) > 0 as waits from pg_stat_activity
      where datname = current_database() and application_name = 'groundcrew export' and wait_event_type = 'Lock'`;
    await until(async () => (await waits.execute(source.db)).rows[0]?.waits, 'an export that waits for the table');
    await sql`insert into audit_log (actor, action, subject) values ('late', 'x', 'y')`.execute(tx);
    await sql`delete from work_items where id = 1`.execute(tx);
    return { running };
  });
  const whole = await collected.running;
  const target = await emptyTestDatabase();
  await importInto(target, whole, { take_over: true });
  expect(await contents(target)).toEqual(before);
  await target.close();
  exported = await exportFrom(source);
});

test('a database that is not empty stays as it is', async () => {
  const target = await testDatabase();
  await sql`insert into projects (slug) values ('c/d')`.execute(target.db);
  const before = await contents(target);
  await expect(importInto(target, exported)).rejects.toMatchObject({
    code: 'GC1214',
    message: expect.stringContaining('projects'),
  });
  expect(await contents(target)).toEqual(before);
  await target.close();
  const foreign = await emptyTestDatabase();
  await sql`create table theirs (id int)`.execute(foreign.db);
  await expect(importInto(foreign, exported)).rejects.toMatchObject({ code: 'GC1214' });
  expect(Object.keys(await contents(foreign))).toEqual(['theirs']);
  await foreign.close();
});

test('a truncated or damaged file is refused, wherever it is damaged, with nothing imported', async () => {
  const target = await testDatabase();
  const before = await contents(target);
  const size = exported.length;
  const cuts = [0, 5, MAGIC.length, MAGIC.length + 3, 100, Math.floor(size / 2), size - 9, size - 1];
  for (const cut of cuts) {
    await expect(importInto(target, exported.subarray(0, cut)), `cut at ${cut}`).rejects.toMatchObject({
      code: 'GC1215',
    });
  }
  for (let round = 0; round < 12; round++) {
    const place = MAGIC.length + 10 + Math.floor(random.fraction() * (size - MAGIC.length - 10));
    const damaged = Buffer.from(exported);
    damaged[place] = (damaged[place] as number) ^ (1 << Math.floor(random.fraction() * 8));
    await expect(importInto(target, damaged), `damaged at ${place}`).rejects.toMatchObject({ code: 'GC1215' });
  }
  const appended = Buffer.concat([exported, gzipSync('more')]);
  await expect(importInto(target, appended)).rejects.toMatchObject({ code: 'GC1215' });
  expect(await contents(target)).toEqual(before);
  // And the same database takes the good one.
  await importInto(target, exported, { take_over: true });
  expect(await contents(target)).toEqual(await contents(source));
  await target.close();
}, 120_000);

test('a file whose compression is right but whose content was changed is refused', async () => {
  const target = await testDatabase();
  const plain = gunzipSync(exported.subarray(MAGIC.length)).toString('latin1');
  const changed = Buffer.from(plain.replace('key 777', 'key 778'), 'latin1');
  const forged = Buffer.concat([Buffer.from(MAGIC), gzipSync(changed)]);
  await expect(importInto(target, forged)).rejects.toMatchObject({ code: 'GC1215' });
  const writer = new FrameWriter();
  const strange = (...frames: Buffer[]) => Buffer.concat([Buffer.from(MAGIC), gzipSync(Buffer.concat(frames))]);
  await expect(importInto(target, strange(writer.json('T', {}), writer.end()))).rejects.toMatchObject({
    code: 'GC1215',
  });
  const newer = new FrameWriter();
  const header = newer.json('H', { migrations: ['0001-base', '9999-future'] });
  await expect(importInto(target, strange(header, newer.end()))).rejects.toMatchObject({
    code: 'GC1216',
    message: expect.stringContaining('9999-future'),
  });
  await expect(importInto(target, Buffer.from('PK\x03\x04 this is a zip, and long enough'))).rejects.toMatchObject({
    code: 'GC1215',
  });
  await target.close();
});

test('an import that is killed just before its end leaves nothing', async () => {
  const target = await testDatabase();
  const before = await contents(target);
  const file = join(directory, 'export');
  writeFileSync(file, exported);
  const script = new URL('./testing/child-import.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, JSON.stringify(target.address), file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const waits = sql<{ waits: boolean }>`select count(*) > 0 as waits from pg_stat_activity
    where datname = current_database() and application_name = 'groundcrew import' and wait_event = 'ClientRead'`;
  await until(async () => (await waits.execute(target.db)).rows[0]?.waits, 'an import that waits for the rest');
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  expect(await contents(target)).toEqual(before);
  await importInto(target, exported);
  await target.close();
});

test('objects go along when asked for, and a damaged import takes them away again', async () => {
  const from = await openDirectoryBlobs(join(directory, 'from'));
  const to = await openDirectoryBlobs(join(directory, 'to'));
  const data = random.bytes(3 * 2 ** 20);
  await from.put('logs/1', data);
  await from.put('empty', Buffer.alloc(0));
  const whole = await exportFrom(source, { objects: from });
  const target = await emptyTestDatabase();
  await expect(importInto(target, whole.subarray(0, -30), { objects: to })).rejects.toMatchObject({ code: 'GC1215' });
  for await (const key of to.list('')) expect.fail(`${key} was left`);
  await expect(importInto(target, whole)).rejects.toMatchObject({ code: 'GC1215' });
  expect(await importInto(target, whole, { objects: to })).toMatchObject({ objects: 2 });
  expect((await buffer(await to.get('logs/1'))).equals(data)).toBe(true);
  expect(await to.head('empty')).toMatchObject({ size_bytes: 0 });
  await target.close();
});

test('tables come after those that they refer to', () => {
  const table = (name: string) => ({ name, columns: [] });
  const references = [
    { from: 'a', to: 'b' },
    { from: 'b', to: 'c' },
  ];
  const names = inOrder([table('a'), table('b'), table('c')], references).map(({ name }) => name);
  expect(names).toEqual(['c', 'b', 'a']);
  expect(() =>
    inOrder(
      [table('a'), table('b')],
      [
        { from: 'a', to: 'b' },
        { from: 'b', to: 'a' },
      ],
    ),
  ).toThrow('circle');
});
