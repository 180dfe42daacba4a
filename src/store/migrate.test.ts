import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { translateLostDatabase } from './connection-errors.ts';
import { type Migration, migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations/all.ts';
import { TABLE_OWNERS, VIEW_OWNERS } from './owners.ts';
import { emptyTestDatabase, type TestDatabase } from './testing/database.ts';

async function applied(database: TestDatabase): Promise<string[]> {
  const rows = await sql<{ name: string }>`select name from migrations order by name`.execute(database.db);
  return rows.rows.map((row) => row.name);
}

test('names are in order and no name comes twice', () => {
  const names = MIGRATIONS.map((migration) => migration.name);
  expect(names).toEqual([...new Set(names)].sort());
});

test('many servers that start at once migrate once', async () => {
  const database = await emptyTestDatabase({ max_connections: 10 });
  await Promise.all(Array.from({ length: 8 }, () => migrate(database)));
  expect(await applied(database)).toEqual(MIGRATIONS.map((migration) => migration.name));
  await migrate(database);
  await database.close();
});

test('every table has an owner, and every owner its table', async () => {
  const database = await emptyTestDatabase();
  await migrate(database);
  const tables = await sql<{ name: string }>`select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'migrations'`.execute(database.db);
  expect(tables.rows.map((row) => row.name).sort()).toEqual(Object.keys(TABLE_OWNERS).sort());
  await database.close();
});

test('every view has an owner, whose tables alone it reads', async () => {
  const database = await emptyTestDatabase();
  await migrate(database);
  const views = await sql<{ name: string; tables: string[] }>`select view.relname as name,
      array_agg(distinct source.relname::text) filter (where source.oid <> view.oid) as tables
    from pg_class view join pg_rewrite rule on rule.ev_class = view.oid
    join pg_depend on pg_depend.classid = 'pg_rewrite'::regclass and objid = rule.oid
      and refclassid = 'pg_class'::regclass
    join pg_class source on source.oid = refobjid
    where view.relnamespace = 'public'::regnamespace and view.relkind = 'v' group by 1`.execute(database.db);
  const owners: Record<string, string> = TABLE_OWNERS;
  const read_owners = views.rows.map(({ name, tables }) => [name, [...new Set(tables.map((table) => owners[table]))]]);
  const theirs = Object.entries(VIEW_OWNERS).map(([name, owner]) => [name, [owner]]);
  expect(Object.fromEntries(read_owners)).toEqual(Object.fromEntries(theirs));
  await database.close();
});

test('views become part of the statement that reads them, and what it does not need of them falls away', async () => {
  const database = await emptyTestDatabase();
  await migrate(database);
  for (const view of Object.keys(VIEW_OWNERS)) {
    const plan = await sql<{ 'QUERY PLAN': string }>`explain select * from ${sql.table(view)}`.execute(database.db);
    expect(JSON.stringify(plan.rows)).not.toMatch(/Subquery Scan|Aggregate|Sort/);
  }
  const plan = await sql<{ 'QUERY PLAN': string }>`explain select build.version, run.state
    from job_runs run join build_names build on build.id = run.build_id`.execute(database.db);
  expect(JSON.stringify(plan.rows)).not.toMatch(/projects|submissions/);
  await database.close();
});

test('a migration that fails leaves what came before it, and nothing of itself', async () => {
  const database = await emptyTestDatabase();
  const first: Migration = { name: '0001-good', sql: 'create table good (id int)' };
  const second: Migration = { name: '0002-bad', sql: 'create table half (id int); select 1 / 0' };
  await expect(migrate(database, [first, second])).rejects.toThrow('division by zero');
  expect(await applied(database)).toEqual(['0001-good']);
  const half = await sql<{ half: string | null }>`select to_regclass('half') as half`.execute(database.db);
  expect(half.rows[0]?.half).toBeNull();
  await migrate(database, [first, { ...second, sql: 'create table half (id int)' }]);
  expect(await applied(database)).toEqual(['0001-good', '0002-bad']);
  await database.close();
});

test('a database of a newer version is refused, and named are the steps that are not known', async () => {
  const database = await emptyTestDatabase();
  const first: Migration = { name: '0001-good', sql: 'select 1' };
  await migrate(database, [first, { name: '0002-future', sql: 'select 1' }]);
  await expect(migrate(database, [first])).rejects.toMatchObject({
    code: 'GC1205',
    message: expect.stringContaining('0002-future'),
  });
  await database.close();
});

test('a database that goes away in the middle is told of as such', async () => {
  const database = await emptyTestDatabase();
  const cut: Migration = { name: '0001-cut', sql: 'select pg_terminate_backend(pg_backend_pid())' };
  await expect(migrate(database, [cut])).rejects.toMatchObject({ code: 'GC1219' });
  expect(await applied(database)).toEqual([]);
  await database.close();
  const gone = { client_config: { ...database.client_config, host: '/nonexistent' } };
  await expect(migrate(gone, [cut])).rejects.toMatchObject({ code: 'GC1219' });
  const words = new Error('Client has encountered a connection error and is not queryable');
  expect(translateLostDatabase(words)).toMatchObject({ code: 'GC1219' });
  const other = new Error('division by zero');
  expect(translateLostDatabase(other)).toBe(other);
});
