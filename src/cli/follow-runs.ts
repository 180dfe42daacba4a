import type { Clock } from '../base/clock.ts';
import { isError } from '../base/errors/error.ts';
import type { Operations } from '../protocol/client.generated.ts';
import type { Client } from './connect.ts';

export type RunDetail = Operations['getRun']['answer'];
export type Run = RunDetail['run'];

const LOOK_MS = 500;
/** Lists answer at most this many. */
const PAGE = 500;
/** A server that is being replaced comes back within this. */
const AWAY_AT_MOST_MS = 300_000;

/** What happened to runs that are followed. */
export interface RunNews {
  /** A run is in another state than before. */
  changed(run: Run, all: readonly Run[]): void;
  /** A run has its verdict; one that is done again has another run, which is followed instead. */
  finished(detail: RunDetail, next: number | null): void;
  /** The server does not answer; the runs go on. */
  away(): void;
}

/** Follows runs and what they are done again as, up to their verdicts. Ends early when the signal is aborted. */
export async function followRuns(
  client: Client,
  started: readonly Run[],
  clock: Clock,
  signal: AbortSignal,
  news: RunNews,
): Promise<Run[]> {
  const watched = new Map(started.map((run) => [run.id, run]));
  const told = new Set<number>();
  let away_ms: number | null = null;
  const build = started[0];
  while (build !== undefined && told.size < watched.size && !signal.aborted) {
    try {
      for (const run of await look(client, build, watched)) {
        if (watched.get(run.id)?.state !== run.state) {
          watched.set(run.id, run);
          news.changed(run, [...watched.values()]);
        }
        if (run.state === 'finished' && !told.has(run.id)) await end(client, run, watched, told, news);
      }
      away_ms = null;
    } catch (error) {
      if (!isError(error, 'GC1011')) throw error;
      if (away_ms === null) news.away();
      away_ms ??= clock.monotonic_ms();
      if (clock.monotonic_ms() - away_ms > AWAY_AT_MOST_MS) throw error;
    }
    if (told.size < watched.size) await clock.sleep(LOOK_MS, signal).catch(() => undefined);
  }
  return [...watched.values()];
}

/** The watched runs as they are now: one call a page, however many they are. */
async function look(client: Client, build: Run, watched: ReadonlyMap<number, Run>): Promise<Run[]> {
  const found: Run[] = [];
  let cursor: string | undefined;
  const oldest = Math.min(...watched.keys());
  for (;;) {
    const query = { project: build.project, build: build.build, limit: PAGE, cursor };
    const { items, next_cursor } = await client.call('listRuns', { query });
    found.push(...items.filter((run) => watched.has(run.id)));
    // Newest first: beyond the oldest of ours there is none.
    if (next_cursor === null || (items.at(-1)?.id ?? 0) <= oldest) return found;
    cursor = next_cursor;
  }
}

async function end(
  client: Client,
  run: Run,
  watched: Map<number, Run>,
  told: Set<number>,
  news: RunNews,
): Promise<void> {
  const detail = await client.call('getRun', { path: { id: String(run.id) } });
  const next = detail.other_attempts.find((other) => other.attempt === run.attempt + 1);
  if (next === undefined) told.add(run.id);
  else {
    watched.delete(run.id);
    const { run: again } = await client.call('getRun', { path: { id: String(next.id) } });
    watched.set(again.id, again);
  }
  news.finished(detail, next?.id ?? null);
}
