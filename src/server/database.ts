import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { type DatabaseConnection, openDatabase } from '../store/connect.ts';
import { lockDirectory } from '../store/embedded/lock.ts';
import { startEmbedded } from '../store/embedded/start.ts';
import { migrate } from '../store/migrate.ts';
import type { DataDirectory } from './data-directory.ts';

/** The server's database, migrated. */
export interface ServerDatabase {
  connection: DatabaseConnection;
  /** For people: `PostgreSQL 18.4, embedded, .groundcrew/pg`. */
  description: string;
  stop(): Promise<void>;
}

const MAX_CONNECTIONS = 10;

/**
 * Opens the outside database, or starts the embedded one. Either way the data directory is locked for this process:
 * GC1207 when another server uses it.
 */
export async function startDatabase(
  database_url: string | null,
  data: DataDirectory,
  clock: Clock,
  log: Log,
): Promise<ServerDatabase> {
  if (database_url !== null) {
    const lock = await lockDirectory(data.root, join(data.root, 'lock'), clock);
    try {
      const connection = await openDatabase({ url: database_url }, { max_connections: MAX_CONNECTIONS });
      await closeOnError(connection, () => migrate(connection));
      const stop = async (): Promise<void> => {
        await connection.close();
        lock.release();
      };
      return { connection, description: 'PostgreSQL, outside', stop };
    } catch (error) {
      lock.release();
      throw error;
    }
  }
  const embedded = await startEmbedded({ data_directory: data.postgres, clock, log });
  try {
    const connection = await openDatabase(embedded.address, { max_connections: MAX_CONNECTIONS });
    await closeOnError(connection, () => migrate(connection));
    return {
      connection,
      description: `PostgreSQL ${embedded.version}, embedded`,
      async stop() {
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
