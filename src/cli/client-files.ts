import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { type Clock, withTimeout } from '../base/clock.ts';
import { createClient } from '../protocol/client.ts';
import { readClientFile } from '../server/client-file.ts';
import { namedData, settingOf } from './surroundings.ts';

/** Of a server, where nothing else is said; `server.data` of the configuration is the same. */
export const DEFAULT_DATA_DIRECTORY = '.groundcrew';
/** As in src/config/load.ts, which is loaded only where there is one. */
const CONFIG_FILE = 'groundcrew.yaml';
/** A server of this machine answers in a few milliseconds. */
const ANSWER_WITHIN_MS = 2000;

/** Where the server is and who asks, from the command line or the environment. */
export interface ConnectionFlags {
  server?: string | undefined;
  token?: string | undefined;
  data?: string | undefined;
}

/** What says where the data of a server here is, beside flags and environment. */
export interface ServerHere {
  /** The data directory that a server started here would use by its configuration; null when that cannot be told. */
  configured: string | null;
  /** Of several client files, the one whose server answers and knows its token; null when none does, or one is all. */
  answering: string | null;
  /** The first of them, when it is left behind by a server that does not answer any more, and another one does. */
  left_behind: string | null;
}

/** From where servers are looked for. */
export interface ConnectionPlace {
  environment: Readonly<Record<string, string | undefined>>;
  /** Where the command runs. */
  directory: string;
  /** The directory of this program's package, when a server that was started there counts, too. */
  installation: string | null;
  /** What the configuration here says, and which server answers; left out, nothing was looked at. */
  here?: ServerHere | undefined;
  /** Is told of every request. */
  tell?: ((line: string) => void) | undefined;
}

/** Nothing was looked at. */
const NOTHING_HERE: ServerHere = { configured: DEFAULT_DATA_DIRECTORY, answering: null, left_behind: null };

/**
 * The files that may know a server, the first that does counts; one alone when the data directory is named. In the
 * working directory it is that of the configuration, and the usual one, where the demo runs.
 */
export function clientFiles(flags: ConnectionFlags, place: ConnectionPlace): string[] {
  const { environment, directory, installation, here } = place;
  const named = namedData(flags, environment);
  const fileOf = (data: string): string => join(resolve(directory, data), 'client.json');
  if (named !== undefined) return [fileOf(named)];
  const data = [...new Set([here?.configured ?? DEFAULT_DATA_DIRECTORY, DEFAULT_DATA_DIRECTORY])];
  const files = data.map(fileOf);
  if (installation === null || resolve(installation) === resolve(directory)) return files;
  // Data that is here is meant, even when no server ever ran on it. One that ran and has ended may give way.
  const isUsed = data.some((one) => existsSync(resolve(directory, one))) && !files.some((file) => existsSync(file));
  return isUsed ? files : [...files, join(installation, DEFAULT_DATA_DIRECTORY, 'client.json')];
}

/** Looks at the configuration here and, where several servers left word, at which of them is there. */
export async function lookHere(flags: ConnectionFlags, place: ConnectionPlace & { clock: Clock }): Promise<ServerHere> {
  const named = namedData(flags, place.environment);
  if (named !== undefined) return NOTHING_HERE;
  const here = { configured: await configuredData(place), answering: null, left_behind: null };
  if ((flags.server ?? settingOf(place.environment, 'GROUNDCREW_SERVER')) !== undefined) return here;
  const files = clientFiles(flags, { ...place, here }).filter((file) => readClientFile(file) !== null);
  if (files.length < 2) return here;
  for (const file of files) {
    if (!(await answers(file, place.clock))) continue;
    return { ...here, answering: file, left_behind: file === files[0] ? null : (files[0] ?? null) };
  }
  return here;
}

/** Where commands that are typed here, without flags, look first. */
export async function usualClientFile(place: ConnectionPlace): Promise<string | undefined> {
  return clientFiles({}, { ...place, here: { ...NOTHING_HERE, configured: await configuredData(place) } })[0];
}

/** As a server that is started here would take it; null when its configuration cannot be read. */
async function configuredData({ environment, directory }: ConnectionPlace): Promise<string | null> {
  if (!existsSync(join(directory, CONFIG_FILE))) return DEFAULT_DATA_DIRECTORY;
  const { loadDataConfig } = await import('../config/load.ts');
  try {
    return (await loadDataConfig(undefined, environment, relative(process.cwd(), directory))).server.data_directory;
  } catch {
    return null;
  }
}

/** A server that knows the token listens there: what a stopped one left behind may name the port of another. */
async function answers(file: string, clock: Clock): Promise<boolean> {
  const known = readClientFile(file);
  if (known === null) return false;
  const ask = async (signal: AbortSignal): Promise<boolean> => {
    const headers = { authorization: `Bearer ${known.token}` };
    await createClient({ url: known.url, headers, deadline: () => signal }).call('whoAmI');
    return true;
  };
  return await withTimeout(clock, ANSWER_WITHIN_MS, ask, () => new Error('late')).catch(() => false);
}
