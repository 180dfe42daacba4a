import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STATUS_BYTE, STATUS_OF_BYTE, TEST_STATUSES, type TestStatus } from './state.ts';
import { statusOfVotes, voteOf } from './vote.ts';

function outcome(...attempts: TestStatus[]): TestStatus | undefined {
  const votes = attempts.reduce((bits, status) => bits | voteOf(STATUS_BYTE[status]), 0);
  return STATUS_OF_BYTE[statusOfVotes(votes)];
}

describe('attempts vote', () => {
  it.each<[TestStatus[], TestStatus]>([
    [['pass', 'pass'], 'pass'],
    [['fail', 'fail', 'fail'], 'fail'],
    [['fail', 'pass'], 'flaky'],
    [['pass', 'fail', 'fail'], 'flaky'],
    [['skip', 'pass'], 'pass'],
    [['skip', 'fail'], 'fail'],
    [['skip', 'skip'], 'skip'],
    [['xfail', 'pass'], 'flaky'],
    [['xfail', 'fail'], 'fail'],
    [['xfail', 'skip'], 'xfail'],
    [['error', 'pass'], 'pass'],
    [['error', 'fail'], 'fail'],
    [['error', 'skip'], 'error'],
    [['flaky', 'pass'], 'flaky'],
    [['flaky', 'fail'], 'flaky'],
  ])('%j come to %s', (attempts, expected) => {
    expect(outcome(...attempts)).toBe(expected);
  });

  it('comes to the same in any order, and of one attempt to itself', () => {
    const status = fc.constantFrom(...TEST_STATUSES);
    fc.assert(
      fc.property(fc.array(status, { minLength: 1 }), status, (attempts, single) => {
        expect(outcome(...attempts)).toBe(outcome(...attempts.toReversed(), ...attempts));
        expect(outcome(single)).toBe(single);
      }),
    );
  });
});
