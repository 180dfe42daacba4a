import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors/error.ts';
import type { Log } from '../base/log.ts';
import { tickAlive } from '../store/alive-clock.ts';
import type { Db } from '../store/schema/database.ts';

const TICK_MS = 1000;

/** Moves the alive clock on while this process serves agents: leases of runs count only this time. */
export function startAliveClock(db: Db, clock: Clock, log: Log): { stop(): Promise<void> } {
  let running: Promise<void> | null = null;
  let failing = false;
  const tick = async (): Promise<void> => {
    try {
      await tickAlive(db);
      if (failing) log.info({}, 'the alive clock ticks again');
      failing = false;
    } catch (error) {
      // Once, not every second of an outage.
      if (!failing) log.warn({ error: messageOf(error) }, 'the alive clock did not tick');
      failing = true;
    }
    running = null;
  };
  const timer = clock.every(
    TICK_MS,
    () => {
      running ??= tick();
    },
    { background: true },
  );
  return {
    async stop() {
      timer.stop();
      await running;
    },
  };
}
