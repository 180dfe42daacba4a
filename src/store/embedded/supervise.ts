import type { Clock } from '../../base/clock.ts';
import { describeCauses } from '../../base/errors/error.ts';
import type { Log } from '../../base/log.ts';
import type { Postmaster } from './postmaster.ts';

/** PostgreSQL, started again whenever it ends without being asked to. */
export interface Running {
  pid(): number;
  stop(): Promise<void>;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 10_000;
/** After running so long, an end is a new mishap and not the same one again. */
const SETTLED_MS = 60_000;

/** Starts once, failing when that fails; later ends are mended with growing delays for as long as it takes. */
export async function keepRunning(clock: Clock, log: Log, launch: () => Promise<Postmaster>): Promise<Running> {
  let current = await launch();
  const stopping = new AbortController();
  const watch = async (): Promise<void> => {
    let delay_ms = FIRST_DELAY_MS;
    while (!stopping.signal.aborted) {
      const started_ms = clock.monotonic_ms();
      await current.ended;
      if (stopping.signal.aborted) return;
      if (clock.monotonic_ms() - started_ms > SETTLED_MS) delay_ms = FIRST_DELAY_MS;
      log.error({ pid: current.pid }, 'PostgreSQL ended by itself; it is started again');
      const next = await relaunch(clock, log, launch, { delay_ms, signal: stopping.signal });
      if (next === null) return;
      current = next;
      delay_ms = Math.min(delay_ms * 2, LONGEST_DELAY_MS);
    }
  };
  const watching = watch();
  return {
    pid: () => current.pid,
    async stop() {
      stopping.abort(new Error('the embedded PostgreSQL is being stopped'));
      await current.stop();
      await watching;
      await current.stop();
    },
  };
}

async function relaunch(
  clock: Clock,
  log: Log,
  launch: () => Promise<Postmaster>,
  { delay_ms, signal }: { delay_ms: number; signal: AbortSignal },
): Promise<Postmaster | null> {
  for (let delay = delay_ms; ; delay = Math.min(delay * 2, LONGEST_DELAY_MS)) {
    await clock.sleep(delay, signal).catch(() => undefined);
    if (signal.aborted) return null;
    try {
      return await launch();
    } catch (error) {
      log.error({ error: describeCauses(error) }, 'PostgreSQL could not be started again; trying on');
    }
  }
}
