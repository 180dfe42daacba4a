import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AGENT_VERSIONS, agreedVersion, describeVersions, SERVER_VERSIONS } from './agent-versions.ts';

it('agrees on the newest version that both speak', () => {
  expect(agreedVersion({ oldest: 1, newest: 1 }, SERVER_VERSIONS)).toBe(1);
  expect(agreedVersion(AGENT_VERSIONS, SERVER_VERSIONS)).toBe(AGENT_VERSIONS.newest);
  expect(agreedVersion({ oldest: 2, newest: 7 }, { oldest: 1, newest: 3 })).toBe(3);
  expect(agreedVersion({ oldest: 4, newest: 7 }, { oldest: 1, newest: 3 })).toBeNull();
  expect([describeVersions({ oldest: 2, newest: 2 }), describeVersions({ oldest: 1, newest: 2 })]).toEqual([
    '2',
    '1 to 2',
  ]);
});

it('agrees the same from both ends, and only on what both speak', () => {
  const range = fc.tuple(fc.nat(9), fc.nat(9)).map(([from, more]) => ({ oldest: from, newest: from + more }));
  fc.assert(
    fc.property(range, range, (left, right) => {
      const version = agreedVersion(left, right);
      expect(agreedVersion(right, left)).toBe(version);
      const both = [...Array(20).keys()].filter((one) =>
        [left, right].every((r) => r.oldest <= one && one <= r.newest),
      );
      expect(version).toBe(both.at(-1) ?? null);
    }),
  );
});
