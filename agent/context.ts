import type { Clock } from '../src/base/clock.ts';
import type { Log } from '../src/base/log.ts';
import type { Random } from '../src/base/random.ts';
import type { Limits, Settings } from './settings.ts';
import type { KeptState } from './turn/kept.ts';

/** What every part of the agent is handed. */
export interface Context {
  clock: Clock;
  random: Random;
  log: Log;
  settings: Settings;
  limits: Limits;
  state: KeptState;
  /** Processes that were there when this agent started: never taken for the payload's. */
  baseline: ReadonlySet<string>;
  /** Process ids of people's shells: they and what is below them are never ended with the payload. */
  shells: Set<number>;
  /** This program, as the payload's user starts it for the workspace: node, its options and the file. */
  program: string[];
}

/** Exponential backoff with jitter: between half and the whole of `first_ms × 2^attempt`, at most `most_ms`. */
export function backoff_ms(random: Random, attempt: number, first_ms: number, most_ms: number): number {
  const whole = Math.min(most_ms, first_ms * 2 ** Math.min(attempt, 20));
  return whole * (0.5 + random.fraction() / 2);
}
