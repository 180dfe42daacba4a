import type { Clock } from '../src/base/clock.ts';
import type { Log } from '../src/base/log.ts';
import type { Random } from '../src/base/random.ts';
import type { AgentLimits, Settings } from './settings.ts';
import type { KeptState } from './turn/kept.ts';

/** What every part of the agent is handed. */
export interface Context {
  clock: Clock;
  random: Random;
  log: Log;
  settings: Settings;
  limits: AgentLimits;
  state: KeptState;
  /** Processes that were there when this agent started: never taken for the payload's. */
  baseline: ReadonlySet<string>;
  /** What may have processes now. With more than one, a process that is nobody's is not taken for either's. */
  payloads: Set<object>;
  /** Process ids of people's shells: they and what is below them are never ended with the payload. */
  shells: Set<number>;
  /** This program, as the payload's user starts it for the workspace: node, its options and the file. */
  program: string[];
}
