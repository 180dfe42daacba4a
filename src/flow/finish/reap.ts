import type { Timer } from '../../base/clock.ts';
import { messageOf } from '../../base/errors/error.ts';
import { type DueRun, dueRuns } from '../../runs/store/due.ts';
import { type AdvisoryLock, tryAdvisoryLock } from '../../store/advisory.ts';
import type { Services } from '../services.ts';
import { reapRun } from './reap-run.ts';

const TICK_MS = 1000;
const PAUSE_MS = 100;
/** Looked at in one tick; the rest follows in the next, oldest first. */
const BATCH = 500;

/**
 * Starts the loop over everything of runs that waited long enough. One process at a time does it, so that the same rows
 * are not looked at twice; that nothing is done twice is up to states and fences, not to this lock.
 */
export function startReaper(services: Services): { stop(): Promise<void> } {
  const reaper = new Reaper(services);
  return { stop: () => reaper.stop() };
}

class Reaper {
  readonly #services: Services;
  readonly #timer: Timer;
  readonly #unsubscribe: () => void;
  #lock: AdvisoryLock | null = null;
  #busy: Promise<void> | null = null;
  #again = false;
  #stopped = false;

  constructor(services: Services) {
    this.#services = services;
    this.#timer = services.clock.every(TICK_MS, () => this.#wake(), { background: true });
    // A machine that is gone lets its run's next attempt start at once.
    this.#unsubscribe = services.listener.on('fleet', () => this.#wake());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer.stop();
    this.#unsubscribe();
    await this.#busy;
    await this.#lock?.release();
  }

  #wake(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#busy ??= this.#run().finally(() => {
      this.#busy = null;
    });
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        if (await this.#mayReap()) await reapDue(this.#services);
        // Many wake-ups in a moment are one look.
        await this.#services.clock.sleep(PAUSE_MS);
      } catch (error) {
        this.#services.log.warn({ error: messageOf(error) }, 'overdue runs could not be looked at; again in a moment');
      }
    }
  }

  async #mayReap(): Promise<boolean> {
    if (this.#lock?.held()) return true;
    await this.#lock?.release();
    const { connection, clock } = this.#services;
    this.#lock = await tryAdvisoryLock(connection.client_config, 'reaper', clock);
    return this.#lock !== null;
  }
}

/** One look at all live runs; what is due is done, each in a transaction of its own. Answers how many were. */
export async function reapDue(services: Services): Promise<number> {
  const due = await dueRuns(services.connection.db, BATCH);
  let done = 0;
  for (const run of due) if (await reapOne(services, run)) done++;
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
