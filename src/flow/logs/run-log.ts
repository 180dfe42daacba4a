import { Readable } from 'node:stream';
import { GroundcrewError } from '../../base/errors/error.ts';
import type { RunId } from '../../base/ids.ts';
import { findRun } from '../../runs/store/list.ts';
import { type LogRow, logChunks, logOfRun } from '../../runs/store/log.ts';
import type { Services } from '../services.ts';

/** Read from the database at a time. */
const PAGE_BYTES = 2 ** 20;
/** Without a wake-up a follower looks again this often. */
const LOOK_AGAIN_MS = 1000;

/** Bytes from `start` to before `end`; the end of what is kept when it is left out. */
export interface LogRange {
  start?: number;
  end?: number;
}

/** How much of a run's log is kept, 0 when it has none yet. */
export async function logLength(services: Services, run_id: RunId): Promise<number> {
  return (await logOfRun(services.connection.db, run_id))?.bytes ?? 0;
}

/**
 * A part of a run's log, the same before, during and after it is archived. What is asked for beyond the end is left
 * out. Errors: GC1002 no such run; the stream fails with those of the object store.
 */
export async function readLog(services: Services, run_id: RunId, range: LogRange = {}): Promise<Readable> {
  const { db } = services.connection;
  const log = await logOfRun(db, run_id);
  if (log === null && (await findRun(db, run_id)) === null) {
    throw new GroundcrewError('GC1002', { kind: 'run', id: run_id });
  }
  const end = Math.min(range.end ?? Number.MAX_SAFE_INTEGER, log?.bytes ?? 0);
  return Readable.from(pieces(services, run_id, range.start ?? 0, end), { objectMode: false });
}

// Each page is looked up anew: the archive may be written between two of them, and the chunks be gone.
async function* pieces(services: Services, run_id: RunId, start: number, end: number): AsyncGenerator<Buffer> {
  let at = start;
  while (at < end) {
    const chunks = await logChunks(services.connection.db, run_id, at, Math.min(PAGE_BYTES, end - at));
    if (chunks.length === 0) {
      yield* await archived(services, run_id, { start: at, end });
      return;
    }
    for (const { start_offset, data } of chunks) {
      const piece = data.subarray(at - start_offset, Math.max(0, end - start_offset));
      at += piece.length;
      yield piece;
    }
  }
}

async function archived(services: Services, run_id: RunId, range: { start: number; end: number }): Promise<Readable> {
  const log = (await logOfRun(services.connection.db, run_id)) as LogRow;
  if (log.blob === null) throw new Error(`log of run ${run_id}: neither chunks nor archive at byte ${range.start}`);
  return await services.blobs.get(log.blob, range);
}

export interface LogPiece {
  offset: number;
  data: Buffer;
}

/**
 * The log from an offset on, as it grows, until the payload has ended; a run that has not begun is waited for. Ends
 * quietly when the signal is aborted. Errors: GC1002 no such run.
 */
export async function* followLog(
  services: Services,
  run_id: RunId,
  start: number,
  signal: AbortSignal,
): AsyncGenerator<LogPiece> {
  let offset = start;
  while (!signal.aborted) {
    const growth = nextGrowth(services, run_id, signal);
    try {
      const more = await mayGrow(services, run_id);
      for await (const data of await readLog(services, run_id, { start: offset })) {
        yield { offset, data: data as Buffer };
        offset += (data as Buffer).length;
        if (signal.aborted) return;
      }
      if (!more) return;
      await growth.came;
    } finally {
      growth.forget();
    }
  }
}

async function mayGrow(services: Services, run_id: RunId): Promise<boolean> {
  const { db } = services.connection;
  const log = await logOfRun(db, run_id);
  if (log !== null) return log.live;
  const run = await findRun(db, run_id);
  if (run === null) throw new GroundcrewError('GC1002', { kind: 'run', id: run_id });
  return run.state !== 'finished';
}

// Subscribed before the log is looked at, so that growth in between is not missed.
function nextGrowth(services: Services, run_id: RunId, signal: AbortSignal): { came: Promise<void>; forget(): void } {
  const stops: (() => void)[] = [];
  const came = new Promise<void>((resolve) => {
    const timer = services.clock.after(LOOK_AGAIN_MS, resolve, { background: true });
    const woken = (payload: string): void => {
      if (payload === '' || payload === String(run_id)) resolve();
    };
    const aborted = (): void => resolve();
    signal.addEventListener('abort', aborted);
    stops.push(
      () => timer.stop(),
      services.log_growth.follow(run_id, resolve),
      services.listener.on('run', woken),
      () => signal.removeEventListener('abort', aborted),
    );
  });
  return {
    came,
    forget: () => {
      for (const stop of stops) stop();
    },
  };
}
