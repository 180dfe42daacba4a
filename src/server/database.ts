import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { lapseEveryLease } from '../queue/store/due.ts';
import { type DatabaseConnection, openDatabase } from '../store/connect.ts';
import { releaseBallastWhenFull, startBallast } from '../store/embedded/ballast.ts';
import { lockDirectory } from '../store/embedded/lock.ts';
import { startEmbedded } from '../store/embedded/start.ts';
import { endEveryLease } from '../store/leases.ts';
import { migrate } from '../store/migrate.ts';
import type { DataDirectory } from './data-directory.ts';

/** The server's database, migrated. */
export interface ServerDatabase {
  connection: DatabaseConnection;
  /** For people: `PostgreSQL 18.4, embedded, .groundcrew/pg`. */
  description: string;
  stop(): Promise<void>;
}

const POOL = { max_connections: 10 };

/**
 * Opens the outside database, or starts the embedded one, which nobody else uses: GC1207 when another server has it.
 * With an outside one, processes of several roles may share a data directory, as they must where nodes are made on this
 * machine; only one of them may `listen` on its socket, else GC1207 as well.
 */
export async function startDatabase(
  database_url: string | null,
  listens: boolean,
  data: DataDirectory,
  clock: Clock,
  log: Log,
): Promise<ServerDatabase> {
  releaseBallastWhenFull(data.postgres, log);
  // The directory's own lock, beside the embedded database's: sockets and nodes are in it with either database.
  const lock = listens ? await lockDirectory(data.root, join(data.root, 'lock'), clock) : null;
  try {
    const database =
      database_url === null ? await startOwn(data, clock, log) : await openDatabase({ url: database_url }, POOL);
    const description = 'version' in database ? `PostgreSQL ${database.version}, embedded` : 'PostgreSQL, outside';
    await closeOnError(database, async () => {
      await migrate(database);
      if (database_url === null) await endLeasesOfBefore(database);
    });
    return {
      connection: database,
      description,
      async stop() {
        await database.close();
        lock?.release();
      },
    };
  } catch (error) {
    lock?.release();
    throw error;
  }
}

/** Nobody else is at the embedded database: what holds a lease there is the process before, which was killed. */
async function endLeasesOfBefore({ db }: DatabaseConnection): Promise<void> {
  await endEveryLease(db);
  await lapseEveryLease(db);
}

async function startOwn(
  data: DataDirectory,
  clock: Clock,
  log: Log,
): Promise<DatabaseConnection & { version: string }> {
  const embedded = await startEmbedded({ data_directory: data.postgres, clock, log });
  try {
    const connection = await openDatabase(embedded.address, POOL);
    const ballast = startBallast(data.postgres, clock, log);
    // Not waited for: on some disks 64 MiB take their time, and the start does not need them.
    void ballast.look();
    return {
      ...connection,
      version: embedded.version,
      shortage: ballast.shortage,
      async close() {
        await ballast.stop();
        await connection.close();
        await embedded.stop();
      },
    };
  } catch (error) {
    await embedded.stop();
    throw error;
  }
}

async function closeOnError(connection: DatabaseConnection, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await connection.close();
    throw error;
  }
}
