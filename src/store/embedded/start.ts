import { chmodSync, existsSync, mkdirSync, realpathSync } from 'node:fs';
import pg from 'pg';
import type { Clock } from '../../base/clock.ts';
import { GroundcrewError, messageOf } from '../../base/errors/error.ts';
import type { Log } from '../../base/log.ts';
import type { DatabaseAddress } from '../address.ts';
import { errorCode } from '../connection-errors.ts';
import { type Binaries, copyBinaries, findBinaries } from './binaries.ts';
import { DATABASE_USER, initializeCluster, layoutOf, runAsFor } from './cluster.ts';
import { lockDirectory } from './lock.ts';
import { endOrphans } from './orphans.ts';
import { launchPostmaster } from './postmaster.ts';
import { SERVER_SETTINGS } from './settings.ts';
import { makeSocketDirectory, SOCKET_PORT } from './socket-directory.ts';
import { keepRunning } from './supervise.ts';
import type { Mode } from './user.ts';

/** A running embedded database, locked for this process. */
export interface EmbeddedPostgres {
  readonly address: Extract<DatabaseAddress, { socket_directory: string }>;
  /** `18.4` */
  readonly version: string;
  /** Did this start make the data directory? */
  readonly is_new: boolean;
  /** The process id at this moment; it changes when PostgreSQL had to be started again. */
  pid(): number;
  /** Stops it in order and gives the lock back. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  readonly data_directory: string;
  readonly clock: Clock;
  readonly log: Log;
  /** How to run as root; `auto` tries a user namespace first. */
  readonly mode?: Mode | 'auto';
  /** Durability off: for tests only. */
  readonly unsafe_for_tests?: boolean;
  /** Over `SERVER_SETTINGS`. */
  readonly settings?: Readonly<Record<string, string>>;
}

const UNSAFE: Readonly<Record<string, string>> = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' };

/**
 * Starts the embedded PostgreSQL on a directory, making it when it is new, and keeps it running: when PostgreSQL dies
 * alone, it is started again. When this process dies in any way, PostgreSQL stops by itself, and what was acknowledged
 * is there at the next start.
 * Errors: GC1206 not installed, GC1207 locked, GC1208, GC1209 other version, GC1210 other user, GC1211 disk full, GC1212, GC1213.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { clock, log } = options;
  const found = findBinaries();
  const directory = makeDirectory(options.data_directory);
  const layout = layoutOf(directory);
  const lock = await lockDirectory(directory, layout.lock, clock);
  try {
    const { run_as, is_new } = runAsFor(layout, found, options.mode ?? 'auto');
    const binaries: Binaries = run_as.mode === 'setpriv' ? copyBinaries(found) : found;
    if (is_new) await initializeCluster(layout, binaries, { run_as, sync: options.unsafe_for_tests !== true });
    const socket = makeSocketDirectory(directory, run_as);
    const settings = { ...SERVER_SETTINGS, ...(options.unsafe_for_tests ? UNSAFE : {}), ...options.settings };
    const running = await keepRunning(clock, log, async () => {
      await endOrphans(layout.cluster, clock, log);
      return launchPostmaster({ layout, binaries, run_as, socket_directory: socket.path, settings, clock });
    });
    const address = { socket_directory: socket.path, port: SOCKET_PORT, user: DATABASE_USER, database: DATABASE_USER };
    const stop = async (): Promise<void> => {
      await running.stop();
      socket.remove();
      lock.release();
    };
    try {
      const version = await ensureDatabase(address);
      return { address, version, is_new, pid: running.pid, stop };
    } catch (error) {
      await running.stop();
      socket.remove();
      throw error;
    }
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Made for its owner only. The real path, since processes are found by it. */
function makeDirectory(path: string): string {
  try {
    if (!existsSync(path)) {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      chmodSync(path, 0o700);
    }
    return realpathSync(path);
  } catch (error) {
    const user = process.getuid?.() ?? 0;
    if (errorCode(error) === 'ENOSPC') throw new GroundcrewError('GC1211', { detail: path }, error);
    throw new GroundcrewError('GC1210', { directory: path, user, detail: messageOf(error) }, error);
  }
}

/** Makes our database when it is not there, and asks for the server's version. */
async function ensureDatabase(address: EmbeddedPostgres['address']): Promise<string> {
  const { socket_directory, port, user, database } = address;
  const client = new pg.Client({ host: socket_directory, port, user, database: 'postgres' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const answer = await client.query<{ version: string; made: boolean }>(
      `select current_setting('server_version') as version,
              exists (select from pg_database where datname = $1) as made`,
      [database],
    );
    if (answer.rows[0]?.made !== true) await client.query(`create database ${client.escapeIdentifier(database)}`);
    return answer.rows[0]?.version ?? '';
  } finally {
    await client.end();
  }
}
