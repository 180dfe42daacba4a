import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { OfflineOptions } from '../server/backup.ts';
import type { Context } from './context.ts';
import { namedData, settingOf } from './surroundings.ts';

/** The data that a server with this configuration and these flags would use. Errors: GC1101, GC1102. */
export async function offlineOptions(context: Context, config_file: string | undefined): Promise<OfflineOptions> {
  const { createLog } = await import('../base/log.ts');
  const { loadDataConfig } = await import('../config/load.ts');
  const { environment, directory } = context.home;
  const file = config_file === undefined ? undefined : resolve(directory, config_file);
  // Relative, as it is named in messages.
  const config = await loadDataConfig(file, environment, relative(process.cwd(), directory));
  const data = namedData(context.flags, environment) ?? config.server.data_directory;
  return {
    config,
    data_directory: resolve(directory, data),
    database_url: config.server.database_url ?? settingOf(environment, 'DATABASE_URL') ?? null,
    log: createLog(context.flags.verbose === true ? 'info' : 'warn'),
  };
}

/** Is there a database at all? */
export function hasData({ data_directory, database_url }: OfflineOptions): boolean {
  return database_url !== null || existsSync(join(data_directory, 'pg'));
}
