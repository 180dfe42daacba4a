import type { Clock } from '../base/clock.ts';
import { isError } from '../base/errors/error.ts';
import type { Operations } from '../protocol/client.generated.ts';
import { ApiProblem } from '../protocol/client.ts';
import type { Client } from './connect.ts';
import { readEvents } from './event-stream.ts';

/** Some bytes of a log, and the offset after them. */
export interface LogPart {
  data: Buffer;
  end: number;
}

const PART_BYTES = 2 ** 20;
const AGAIN_AFTER_MS = 1000;
/** A server that is being replaced comes back within this. */
const GIVE_UP_AFTER_MS = 300_000;

/** Why there is nothing to read in a log; null when there is something. */
export function emptyLog({ log, run }: Pick<Operations['getRun']['answer'], 'log' | 'run'>): string | null {
  if (log.bytes > 0) return null;
  if (log.live) return 'empty so far';
  return run.started_at === null ? 'none, since it never ran' : 'empty';
}

/** What there is of a log now. Errors: GC1002. */
export async function* readLog(client: Client, id: string): AsyncGenerator<LogPart> {
  for (let offset = 0; ; ) {
    const response = await client.open('getLog', { path: { id }, query: { offset, limit: PART_BYTES } });
    const data = Buffer.from(await response.arrayBuffer());
    const bytes = Number(response.headers.get('x-log-bytes') ?? 0);
    offset += data.length;
    if (data.length > 0) yield { data, end: offset };
    if (data.length === 0 || offset >= bytes) return;
  }
}

/**
 * A log as it grows, up to its end; a connection that breaks is made again where it was. Ends quietly when the signal
 * is aborted. Errors: GC1002, and GC1011 when the server stays away.
 */
export async function* followLog(
  client: Client,
  id: string,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<LogPart> {
  let offset = 0;
  let broken_ms: number | null = null;
  while (!signal.aborted) {
    try {
      const address = client.address('followLog', { path: { id }, query: { offset } });
      for await (const event of readEvents(address, client.headers, signal)) {
        broken_ms = null;
        if (event.event === 'end') return;
        if (event.event !== 'log') continue;
        offset = Number(event.id);
        yield { data: Buffer.from(event.data, 'base64'), end: offset };
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiProblem && error.problem.status < 500) throw error;
      broken_ms ??= clock.monotonic_ms();
      if (clock.monotonic_ms() - broken_ms > GIVE_UP_AFTER_MS) throw error;
      // The next try says in words what is wrong when there is no server at all.
      if (offset === 0) await client.call('live').catch(rethrowUnreachable);
    }
    await clock.sleep(AGAIN_AFTER_MS, signal).catch(() => undefined);
  }
}

function rethrowUnreachable(error: unknown): void {
  if (isError(error, 'GC1011')) throw error;
}
