import type * as wire from '../protocol/results.ts';

/**
 * What a test came to in one run. `flaky`: its attempts differ. `error`: infrastructure, not the test.
 * `xfail`: failed as a known issue says.
 */
export const TEST_STATUSES = [
  'pass',
  'fail',
  'skip',
  'xfail',
  'error',
  'flaky',
] as const satisfies readonly wire.TestStatus[];
export type TestStatus = (typeof TEST_STATUSES)[number];

/** The byte that stands for a status in a stored chunk. Never renumber: rows on disk have them. */
export const STATUS_BYTE: Readonly<Record<TestStatus, number>> = {
  pass: 1,
  fail: 2,
  skip: 3,
  xfail: 4,
  error: 5,
  flaky: 6,
};

export const CHANGE_KINDS = ['regression', 'fix', 'new', 'gone', 'flaky'] as const satisfies readonly wire.ChangeKind[];
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** The status that a stored byte stands for; undefined for a byte of a later version. */
export const STATUS_OF_BYTE: readonly (TestStatus | undefined)[] = [undefined, ...TEST_STATUSES];
