import { systemClock } from '../clock.ts';

const LOOK_EACH_MS = 5;

/**
 * Waits in real time until something has come about that other processes, a database or a socket bring: never a fixed
 * time. What was asked for must come within `within_ms`, or it fails with `what`. Answers what the condition answered.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  what = 'what the test waits for',
  within_ms = 20_000,
): Promise<Exclude<NonNullable<Awaited<T>>, false>> {
  const begin_ms = systemClock.monotonic_ms();
  for (;;) {
    const answer = await condition();
    if (answer) return answer as Exclude<NonNullable<Awaited<T>>, false>;
    const waited_ms = systemClock.monotonic_ms() - begin_ms;
    if (waited_ms > within_ms) throw new Error(`after ${Math.round(waited_ms)} ms still not: ${what}`);
    await systemClock.sleep(LOOK_EACH_MS);
  }
}
