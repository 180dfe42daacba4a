import { endGivenAway } from '../../assignments/store/life.ts';
import { messageOf } from '../../base/errors/error.ts';
import { type DueRun, dueRuns } from '../../runs/store/due.ts';
import { LockedLoop } from '../../store/locked-loop.ts';
import type { Services } from '../services.ts';
import { reapRun } from './reap-run.ts';

const PERIOD_MS = 1_000;
/** Many wake-ups in a moment are one look. */
const REST_MS = 100;
/** Looked at in one turn; the rest follows in the next, oldest first. */
const BATCH = 500;

/**
 * Starts the loop over everything of runs that waited long enough. One process at a time does it, so that the same rows
 * are not looked at twice; that nothing is done twice is up to states and fences, not to this lock.
 */
export function startReaper(services: Services): { stop(): Promise<void> } {
  const { clock, connection, listener, log } = services;
  const loop = new LockedLoop({
    ...{ clock, client_config: connection.client_config },
    ...{ lock: 'reaper', period_ms: PERIOD_MS, rest_ms: REST_MS },
    async work() {
      await reapDue(services);
      return undefined;
    },
    failed: (error) => log.warn({ error: messageOf(error) }, 'overdue runs could not be looked at; again in a moment'),
  });
  // A machine that is gone lets its run's next attempt start at once.
  const unsubscribe = listener.on('fleet', () => loop.wake());
  loop.start();
  return {
    async stop() {
      unsubscribe();
      await loop.stop();
    },
  };
}

/** One look at all live runs; what is due is done, each in a transaction of its own. Answers how many were. */
export async function reapDue(services: Services): Promise<number> {
  const due = await dueRuns(services.connection.db, BATCH);
  let done = 0;
  for (const run of due) if (await reapOne(services, run)) done++;
  await endGivenAway(services.connection.db);
  return done;
}

// One run that cannot be ended must not keep the others from it.
async function reapOne(services: Services, due: DueRun): Promise<boolean> {
  try {
    return await reapRun(services, due);
  } catch (error) {
    services.log.error(
      { run: due.run_id, kind: due.kind, error: messageOf(error) },
      'an overdue run could not be ended',
    );
    return false;
  }
}
