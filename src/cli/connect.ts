import { join, resolve } from 'node:path';
import { deadlineSignal, systemClock } from '../base/clock.ts';
import { GroundcrewError } from '../base/errors/error.ts';
import { type ApiClient, createClient } from '../protocol/client.ts';
import { readClientFile } from '../server/client-file.ts';

const ANSWER_WITHIN_MS = 30_000;

/** Where the server is and who asks, from the command line or the environment. */
export interface ConnectionFlags {
  server?: string | undefined;
  token?: string | undefined;
  data?: string | undefined;
}

/**
 * A client of the server that the flags name, else GROUNDCREW_SERVER and GROUNDCREW_TOKEN, else the one that was
 * started here: its data directory holds address and token for this user. GC1012 when none is known.
 */
export function connect(flags: ConnectionFlags, environment: NodeJS.ProcessEnv): ApiClient & { url: string } {
  const file = join(resolve(flags.data ?? environment.GROUNDCREW_DATA ?? '.groundcrew'), 'client.json');
  const known = readClientFile(file);
  const url = flags.server ?? environment.GROUNDCREW_SERVER ?? known?.url;
  const token = flags.token ?? environment.GROUNDCREW_TOKEN ?? (url === known?.url ? known?.token : undefined);
  if (url === undefined) throw new GroundcrewError('GC1012', { file });
  const clean = url.replace(/\/+$/, '');
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const deadline = (): AbortSignal => deadlineSignal(systemClock, ANSWER_WITHIN_MS);
  return {
    ...createClient({ url: clean, headers, deadline }),
    url: clean,
  };
}
