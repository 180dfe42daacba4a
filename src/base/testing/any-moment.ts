import { systemClock } from '../clock.ts';
import type { Random } from '../random.ts';

/**
 * For what may come at any line, such as SIGKILL of a real process: a moment by chance, at most `most_ms` away. Nothing may
 * depend on what has happened until then; a test that wants something to have happened waits for it with `until`.
 * Answers how long it was, in milliseconds.
 */
export async function anyMoment(random: Random, most_ms: number): Promise<number> {
  const wait_ms = Math.round(random.fraction() * most_ms);
  await systemClock.sleep(wait_ms);
  return wait_ms;
}
