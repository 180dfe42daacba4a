import type { Random } from './random.ts';

/** How long to wait between the tries of something that fails. */
export interface Backoff {
  /** After the first failure. */
  readonly first_ms: number;
  /** However often it failed. */
  readonly longest_ms: number;
  /** How many times longer after each further failure; 2 when nothing is said. */
  readonly factor?: number;
}

/**
 * Milliseconds until the next try after `failures` failures (from 1; less counts as 1). A half of it is by chance, so
 * that those who failed together do not come back together: between the half and the whole of `first_ms × factor^(failures - 1)`,
 * which is at most `longest_ms`.
 */
export function backoff_ms(random: Random, failures: number, { first_ms, longest_ms, factor = 2 }: Backoff): number {
  const whole_ms = Math.min(longest_ms, first_ms * factor ** (Math.max(1, failures) - 1));
  return whole_ms * (0.5 + random.fraction() / 2);
}
