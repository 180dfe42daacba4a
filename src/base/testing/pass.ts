import { until } from './until.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** At each look: little, so that answers of a database come before the deadlines of those who wait for them. */
const STEP_MS = 50;

/**
 * Waits for what needs both: time of this clock, which goes on a little at each look, and other processes. The condition
 * is looked at before time goes on. Answers what the condition answered; fails with `what` as `until` does.
 */
export async function passUntil<T>(
  clock: VirtualClock,
  condition: () => T | Promise<T>,
  what?: string,
): Promise<Exclude<NonNullable<Awaited<T>>, false>> {
  return await until(async () => {
    const answer = await condition();
    if (!answer) await clock.advance(STEP_MS);
    return answer;
  }, what);
}

/** The same until the work is done; answers, or throws, as it does. */
export async function passDuring<T>(clock: VirtualClock, work: Promise<T>): Promise<T> {
  let done = false;
  const watched = work.finally(() => {
    done = true;
  });
  watched.catch(() => undefined);
  await passUntil(clock, () => done, 'the end of what time was passing for');
  return await watched;
}
