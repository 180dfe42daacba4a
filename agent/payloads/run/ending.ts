import type { RunOutcome } from '../../../src/protocol/agent.ts';

/** Why a payload is ended from outside: the abort reason of everything that the run has under way. */
export class RunEnding extends Error {
  override readonly name = 'RunEnding';
  readonly state: RunOutcome['state'];
  /** Nothing is said to the server any more. */
  readonly silent: boolean;

  constructor(state: RunOutcome['state'], reason: string, silent = false) {
    super(reason);
    this.state = state;
    this.silent = silent;
  }
}

/** A part of the run that went wrong by itself: its class and one sentence. */
export class RunFailure extends Error {
  override readonly name = 'RunFailure';
  readonly state: RunOutcome['state'];

  constructor(state: RunOutcome['state'], reason: string, cause?: unknown) {
    super(reason, cause === undefined ? undefined : { cause });
    this.state = state;
  }
}
