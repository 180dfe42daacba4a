import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { GroundcrewError } from '../base/errors/error.ts';
import { clientConfigFor, type DatabaseAddress, describeAddress } from './address.ts';
import { connectionError } from './connection-errors.ts';
import { PreparingClient } from './prepared.ts';
import type { Database, Db } from './schema/database.ts';

/** The oldest server version whose dialect is used here. */
const OLDEST_MAJOR = 15;

/** An open database: a pool behind Kysely, and what a plain client needs. */
export interface DatabaseConnection {
  readonly db: Db;
  /** For a plain `pg` client: LISTEN, COPY, session locks. Its statements have no timeout unless one is set. */
  readonly client_config: pg.ClientConfig;
  /** GC1211 while its disk has too little room, else null; only where the disk is this machine's. */
  shortage?(): GroundcrewError | null;
  /** Ends every pooled connection. */
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** Default 10. */
  max_connections?: number;
  /** For the server's list of sessions. Default `groundcrew`. */
  application_name?: string;
}

/**
 * Opens a pool and proves by one query that it works and that the server is new enough.
 * Errors: GC1201 unreachable, GC1202 refused, GC1203 no such database, GC1204 too old, GC1218 address malformed.
 */
export async function openDatabase(
  address: DatabaseAddress,
  options: ConnectOptions = {},
): Promise<DatabaseConnection> {
  const client_config = { ...clientConfigFor(address), application_name: options.application_name ?? 'groundcrew' };
  const pool = makePool(client_config, options.max_connections ?? 10);
  try {
    await refuseOldServer(pool, describeAddress(address));
  } catch (error) {
    await pool.end();
    throw connectionError(address, error);
  }
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  return { db, client_config, close: () => db.destroy() };
}

/**
 * A few connections of their own for work that must never queue behind the other work of this process. They are made
 * when they are first used; whoever opened them closes them.
 */
export function openOwnConnections(
  connection: Pick<DatabaseConnection, 'client_config'>,
  name: string,
  max_connections: number,
): Pick<DatabaseConnection, 'db' | 'close'> {
  const pool = makePool({ ...connection.client_config, application_name: `groundcrew ${name}` }, max_connections);
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  return { db, close: () => db.destroy() };
}

function makePool(client_config: pg.ClientConfig, max_connections: number): pg.Pool {
  const pool = new pg.Pool({
    ...client_config,
    Client: PreparingClient,
    max: max_connections,
    idleTimeoutMillis: 60_000,
    statement_timeout: 30_000,
    // The server ends a statement by itself; this is for a network that says nothing any more.
    query_timeout: 45_000,
    idle_in_transaction_session_timeout: 60_000,
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined);
  // One that breaks while it is in use fails its statement; the event beside that would end the process as well.
  pool.on('connect', (client) => void client.on('error', () => undefined));
  return pool;
}

async function refuseOldServer(pool: pg.Pool, address: string): Promise<void> {
  const answer = await pool.query<{ number: string; text: string }>(
    `select current_setting('server_version_num') as number, current_setting('server_version') as text`,
  );
  const { number = '0', text = 'unknown' } = answer.rows[0] ?? {};
  checkVersion(Number(number), text, address);
}

/** `version_number` is PostgreSQL's own: 150018 for 15.18. Error: GC1204. */
export function checkVersion(version_number: number, version: string, address: string): void {
  if (Math.floor(version_number / 10_000) < OLDEST_MAJOR) throw new GroundcrewError('GC1204', { address, version });
}
