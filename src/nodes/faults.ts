import { type Backoff, backoff_ms } from '../base/backoff.ts';
import type { FaultClass } from '../base/faults.ts';
import type { Random } from '../base/random.ts';

/** What follows from a failed call of a driver: decided by the fault's class alone. */
export type FaultVerdict =
  /** The same call again; `counts`: only so often. */
  | { kind: 'retry'; delay_ms: number; counts: boolean }
  /** The node is given up. `failed`: its node type backs off; else it only pauses, since nothing is wrong with it. */
  | { kind: 'give_up'; failed: boolean; pause_ms: number };

/** A launch call that fails in passing is made this often before the node is given up. */
export const LAUNCH_TRIES = 3;
const THROTTLED_DELAY_MS = 5_000;
const FULL_PAUSE_MS = 30_000;
/** A wrong setting or credential needs a person; until then it is probed, not stormed. */
const WRONG_PAUSE_MS = 60_000;
const BETWEEN_CALLS: Backoff = { first_ms: 1_000, longest_ms: 60_000 };

/** `attempts`: calls of this step that failed before. */
export function judgeLaunchFault(fault: FaultClass, attempts: number, random: Random): FaultVerdict {
  switch (fault) {
    case 'throttled':
      return { kind: 'retry', delay_ms: THROTTLED_DELAY_MS, counts: false };
    case 'quota':
    case 'capacity':
      return { kind: 'give_up', failed: false, pause_ms: FULL_PAUSE_MS };
    case 'auth':
    case 'config':
      return { kind: 'give_up', failed: true, pause_ms: WRONG_PAUSE_MS };
    case 'gone':
      return { kind: 'give_up', failed: true, pause_ms: 0 };
    case 'transient':
      return attempts + 1 < LAUNCH_TRIES
        ? { kind: 'retry', delay_ms: backoff_ms(random, attempts + 1, BETWEEN_CALLS), counts: true }
        : { kind: 'give_up', failed: true, pause_ms: 0 };
  }
}

/** A deletion is never given up; milliseconds until it is tried again. */
export function destroyDelay_ms(fault: FaultClass, attempts: number, random: Random): number {
  if (fault === 'throttled') return THROTTLED_DELAY_MS;
  return backoff_ms(random, attempts + 1, BETWEEN_CALLS);
}
