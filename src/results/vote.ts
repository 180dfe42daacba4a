import { STATUS_BYTE } from './state.ts';

/** How the attempts at one test voted, as bits: one for each status that occurred. */
export type Votes = number;

const { pass, fail, skip, xfail, error, flaky } = STATUS_BYTE;
const bit = (status: number): Votes => 1 << status;

export function voteOf(status: number): Votes {
  return bit(status);
}

/**
 * The status byte that a test's attempts come to. Attempts that did not run (skip) or that the infrastructure spoiled
 * (error) do not vote when another did. All the same: that. Any two of pass, fail and xfail that include a pass, or an
 * attempt that was flaky by itself: flaky. Fail and xfail: fail.
 */
export function statusOfVotes(votes: Votes): number {
  const has = (status: number): boolean => (votes & bit(status)) !== 0;
  if (has(flaky) || (has(pass) && (has(fail) || has(xfail)))) return flaky;
  if (has(pass)) return pass;
  if (has(fail)) return fail;
  if (has(xfail)) return xfail;
  return has(error) ? error : skip;
}

/** Did this attempt speak against the test? */
export function isFailedAttempt(status: number): boolean {
  return status === fail || status === error;
}
