import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors/error.ts';
import type { Log } from '../base/log.ts';
import { tickAlive } from '../store/alive-clock.ts';
import type { Db } from '../store/schema/database.ts';

const TICK_MS = 1000;

/** Moves the alive clock on while this process serves agents: leases of runs count only this time. */
export function startAliveClock(db: Db, clock: Clock, log: Log): { stop(): void } {
  let busy = false;
  const timer = clock.every(
    TICK_MS,
    () => {
      if (busy) return;
      busy = true;
      tickAlive(db)
        .catch((error: unknown) => log.warn({ error: messageOf(error) }, 'the alive clock did not tick'))
        .finally(() => {
          busy = false;
        });
    },
    { background: true },
  );
  return { stop: () => timer.stop() };
}
