import pg from 'pg';
import { GroundcrewError } from '../base/errors/error.ts';
import type { DatabaseConnection } from './connect.ts';
import { translateLostDatabase } from './connection-errors.ts';
import { makeFirstThings } from './first-things.ts';
import { LOCK_KEYS } from './lock-keys.ts';
import { MIGRATIONS } from './migrations/all.ts';

export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/**
 * Brings the schema up to date. Any number of servers may start at once: one migrates, the others wait for it.
 * Each migration is one transaction, so a killed server leaves whole steps. Errors: GC1205 when a newer version was
 * here, GC1219 when the database goes away meanwhile.
 */
export async function migrate(
  connection: Pick<DatabaseConnection, 'client_config'>,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  // Its own connection: the lock belongs to the session, and waiting for another server may outlast a pool's timeouts.
  const client = new pg.Client({ ...connection.client_config, statement_timeout: 600_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select pg_advisory_lock($1, $2)', [...LOCK_KEYS.migrate]);
    const applied = await appliedMigrations(client);
    refuseNewer(applied, migrations);
    for (const migration of migrations) {
      if (!applied.includes(migration.name)) await apply(client, migration);
    }
  } catch (error) {
    throw translateLostDatabase(error);
  } finally {
    // Ends the session, and with it the lock.
    await client.end().catch(() => undefined);
  }
}

async function appliedMigrations(client: pg.Client): Promise<string[]> {
  await makeFirstThings(client);
  const answer = await client.query<{ name: string }>('select name from migrations order by name');
  return answer.rows.map((row) => row.name);
}

function refuseNewer(applied: readonly string[], migrations: readonly Migration[]): void {
  const known = new Set(migrations.map((migration) => migration.name));
  const unknown = applied.filter((name) => !known.has(name));
  if (unknown.length > 0) throw new GroundcrewError('GC1205', { migrations: unknown.join(', ') });
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  await client.query('begin');
  try {
    await client.query(migration.sql);
    await client.query('insert into migrations (name) values ($1)', [migration.name]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}
