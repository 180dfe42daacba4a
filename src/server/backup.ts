import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { systemClock } from '../base/clock.ts';
import { isError } from '../base/errors/error.ts';
import type { Log } from '../base/log.ts';
import { systemRandom } from '../base/random.ts';
import type { Config } from '../config/schema.ts';
import { leaveNodes } from '../nodes/store/leave.ts';
import { exportDatabase, type TransferCounts } from '../store/export.ts';
import { importDatabase } from '../store/import.ts';
import { openBlobs } from './blobs.ts';
import { openDataDirectory } from './data-directory.ts';
import { type ServerDatabase, startDatabase } from './database.ts';

/** Where the data is, while no server uses it. */
export interface OfflineOptions {
  config: Pick<Config, 'blobs'>;
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
  const work = async (database: ServerDatabase, root: string): Promise<TransferCounts> => {
    const objects = with_objects ? { objects: await openBlobs(options.config, root, systemClock) } : {};
    return await exportDatabase(database.connection, destination, { clock: systemClock, ...objects });
  };
  if (existsSync(options.data_directory)) return await withDatabase(options, work);
  // A backup makes no data directory where there is none: the database is an outside one.
  const data_directory = mkdtempSync(join(tmpdir(), 'groundcrew-export-'));
  try {
    return await withDatabase({ ...options, data_directory }, work);
  } finally {
    rmSync(data_directory, { recursive: true, force: true });
  }
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
  const before = whatIsThere(options.data_directory);
  try {
    return await withDatabase(options, async (database, root) => {
      const objects = await openBlobs(options.config, root, systemClock);
      return await importDatabase(database.connection, source, {
        random: systemRandom,
        take_over,
        objects,
        leave_nodes: leaveNodes,
      });
    });
  } catch (error) {
    // In these cases the data is somebody else's.
    if (!isError(error, 'GC1207') && !isError(error, 'GC1214')) removeWhatCame(options.data_directory, before);
    throw error;
  }
}

/** Before a command: the first directory on the way that is missing, or what is in the data directory. */
type Before = { missing: string } | { names: ReadonlySet<string> };

function whatIsThere(data_directory: string): Before {
  if (existsSync(data_directory)) return { names: new Set(readdirSync(data_directory)) };
  let missing = data_directory;
  while (!existsSync(dirname(missing))) missing = dirname(missing);
  return { missing };
}

/** A command that failed leaves no data directory behind that a server would then start on. */
function removeWhatCame(data_directory: string, before: Before): void {
  const came =
    'missing' in before
      ? [before.missing]
      : readdirSync(data_directory)
          .filter((name) => !before.names.has(name))
          .map((name) => join(data_directory, name));
  for (const path of came) rmSync(path, { recursive: true, force: true });
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
