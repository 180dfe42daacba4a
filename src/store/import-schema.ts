import type pg from 'pg';
import { GroundcrewError } from '../base/errors/error.ts';
import { DamagedExport } from './archive/frames.ts';
import type { ExportHeader } from './archive/header.ts';
import { listTables, MIGRATIONS_TABLE } from './archive/tables.ts';
import { makeFirstThings } from './first-things.ts';
import { LOCK_KEYS } from './lock-keys.ts';
import { MIGRATIONS } from './migrations/all.ts';

/** What migrations themselves put in. */
const NEVER_EMPTY = new Set(['alive_clock']);

/**
 * Removes our tables from a database in which none has a row, in the caller's transaction: the export's own schema
 * comes in their place. Servers that start meanwhile wait. Error: GC1214 when there is anything to lose.
 */
export async function clearEmptySchema(client: pg.Client): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1, $2)', [...LOCK_KEYS.migrate]);
  const ours = await client.query<{ ours: boolean }>(
    `select to_regclass('public.${MIGRATIONS_TABLE}') is not null as ours`,
  );
  const tables = await listTables(client);
  for (const { name } of tables) {
    if (ours.rows[0]?.ours !== true) throw new GroundcrewError('GC1214', { detail: `it has a table ${name}` });
    const quoted = client.escapeIdentifier(name);
    await client.query(`lock table ${quoted}`);
    const found = await client.query<{ found: boolean }>(`select exists (select from ${quoted}) as found`);
    if (found.rows[0]?.found === true && !NEVER_EMPTY.has(name)) {
      throw new GroundcrewError('GC1214', { detail: `its table ${name} has rows` });
    }
  }
  const names = [...tables.map((table) => table.name), MIGRATIONS_TABLE].map((name) => client.escapeIdentifier(name));
  await client.query(`drop table if exists ${names.join(', ')} cascade`);
}

/** The schema that the export was made with, tables empty. Errors: GC1216 when it is newer than this version. */
export async function makeSchema(client: pg.Client, header: ExportHeader): Promise<void> {
  if (!Array.isArray(header.migrations)) throw new DamagedExport('its header is not readable.');
  const known = new Set(MIGRATIONS.map((migration) => migration.name));
  const unknown = header.migrations.filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new GroundcrewError('GC1216', { detail: `it needs ${unknown.join(', ')}, which this one does not know` });
  }
  await makeFirstThings(client);
  for (const migration of MIGRATIONS.filter(({ name }) => header.migrations.includes(name))) {
    await client.query(migration.sql);
    await client.query(`insert into ${MIGRATIONS_TABLE} (name) values ($1)`, [migration.name]);
  }
  // What migrations put in is in the export as well, as it became.
  const names = (await listTables(client)).map(({ name }) => client.escapeIdentifier(name));
  await client.query(`truncate ${names.join(', ')}`);
}

/** Rows of an export are in the middle of their lives, where no row begins: no trigger of ours looks at them. */
export async function switchTriggers(client: pg.Client, how: 'enable' | 'disable'): Promise<void> {
  for (const { name } of await listTables(client)) {
    await client.query(`alter table ${client.escapeIdentifier(name)} ${how} trigger user`);
  }
}
