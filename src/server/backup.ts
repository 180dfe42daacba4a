import type { Readable, Writable } from 'node:stream';
import { systemClock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { systemRandom } from '../base/random.ts';
import type { Config } from '../config/schema.ts';
import { exportDatabase, type TransferCounts } from '../store/export.ts';
import { importDatabase } from '../store/import.ts';
import { openBlobs } from './blobs.ts';
import { openDataDirectory } from './data-directory.ts';
import { type ServerDatabase, startDatabase } from './database.ts';

/** Where the data is, while no server uses it. */
export interface OfflineOptions {
  config: Config;
  data_directory: string;
  /** An outside PostgreSQL; null for the embedded one. */
  database_url: string | null;
  log: Log;
}

/**
 * Writes a backup of a data directory that no server uses at the moment. Errors: GC1207 when one does, and whatever
 * keeps the database from starting.
 */
export async function exportOffline(
  options: OfflineOptions,
  destination: Writable,
  with_objects: boolean,
): Promise<TransferCounts> {
  return await withDatabase(options, async (database, root) => {
    const objects = with_objects ? { objects: await openBlobs(options.config, root, systemClock) } : {};
    return await exportDatabase(database.connection, destination, { clock: systemClock, ...objects });
  });
}

/**
 * Fills an empty data directory from a backup: all of it or nothing. Errors: GC1207 when a server uses it, GC1214 when
 * it is not empty, GC1215 and GC1216 for the file.
 */
export async function importOffline(
  options: OfflineOptions,
  source: Readable,
  take_over: boolean,
): Promise<TransferCounts> {
  return await withDatabase(options, async (database, root) => {
    const objects = await openBlobs(options.config, root, systemClock);
    return await importDatabase(database.connection, source, { random: systemRandom, take_over, objects });
  });
}

async function withDatabase<T>(
  { database_url, data_directory, log }: OfflineOptions,
  work: (database: ServerDatabase, root: string) => Promise<T>,
): Promise<T> {
  const data = openDataDirectory(data_directory);
  const database = await startDatabase(database_url, true, data, systemClock, log);
  try {
    return await work(database, data.root);
  } finally {
    await database.stop();
  }
}
