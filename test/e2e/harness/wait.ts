import { systemClock } from '../../../src/base/clock.ts';
import { messageOf } from '../../../src/base/errors/error.ts';

const LOOK_MS = 40;
/** Times are written for a quiet machine; on one that does ten things at once they may take so many times longer. */
const PATIENCE = 4;

/**
 * Looks again and again until the answer is neither null, undefined nor false. A look that fails counts as "not yet",
 * since servers are killed and started under it; the last failure is told when the time is over.
 */
export async function until<T>(
  what: string,
  within_ms: number,
  look: () => Promise<T | null | undefined | false>,
  pause_ms = LOOK_MS,
): Promise<T> {
  const limit_ms = within_ms * PATIENCE;
  const deadline_ms = systemClock.monotonic_ms() + limit_ms;
  let last = 'it was not so at any look';
  for (;;) {
    try {
      const answer = await look();
      if (answer !== null && answer !== undefined && answer !== false) return answer;
    } catch (error) {
      last = messageOf(error);
    }
    if (systemClock.monotonic_ms() > deadline_ms) {
      throw new Error(`waited ${limit_ms / 1000} s for: ${what} (${last})`);
    }
    await systemClock.sleep(pause_ms);
  }
}

/** Fails as soon as the look answers a sentence; resolves after the time. */
export async function never(what: string, during_ms: number, look: () => Promise<string | null>): Promise<void> {
  const end_ms = systemClock.monotonic_ms() + during_ms;
  while (systemClock.monotonic_ms() < end_ms) {
    const seen = await look();
    if (seen !== null) throw new Error(`${what}: ${seen}`);
    await systemClock.sleep(LOOK_MS);
  }
}
