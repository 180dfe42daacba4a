import { type Backoff, backoff_ms } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { describeCauses } from '../../base/errors/error.ts';
import type { Log } from '../../base/log.ts';
import { type Random, systemRandom } from '../../base/random.ts';
import type { Postmaster } from './postmaster.ts';

/** PostgreSQL, started again whenever it ends without being asked to. */
export interface Running {
  pid(): number;
  stop(): Promise<void>;
}

const BETWEEN_STARTS: Backoff = { first_ms: 100, longest_ms: 10_000 };
/** After running so long, an end is a new mishap and not the same one again. */
const SETTLED_MS = 60_000;

/** Starts once, failing when that fails; later ends are mended with growing delays for as long as it takes. */
export async function keepRunning(
  clock: Clock,
  log: Log,
  launch: () => Promise<Postmaster>,
  random: Random = systemRandom,
): Promise<Running> {
  let current = await launch();
  const stopping = new AbortController();
  const watch = async (): Promise<void> => {
    let ends = 0;
    while (!stopping.signal.aborted) {
      const started_ms = clock.monotonic_ms();
      await current.ended;
      if (stopping.signal.aborted) return;
      if (clock.monotonic_ms() - started_ms > SETTLED_MS) ends = 0;
      log.error({ pid: current.pid }, 'PostgreSQL ended by itself; it is started again');
      let next: Postmaster | null = null;
      while (next === null) {
        await clock.sleep(backoff_ms(random, ++ends, BETWEEN_STARTS), stopping.signal).catch(() => undefined);
        if (stopping.signal.aborted) return;
        next = await launch().catch((error: unknown) => {
          log.error({ error: describeCauses(error) }, 'PostgreSQL could not be started again; trying on');
          return null;
        });
      }
      current = next;
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
