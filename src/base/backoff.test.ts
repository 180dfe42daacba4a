import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoff_ms } from './backoff.ts';
import { type Random, seededRandom } from './random.ts';

const drawing = (fraction: number): Random => ({ ...seededRandom(1), fraction: () => fraction });
const policy = fc.record(
  {
    first_ms: fc.integer({ min: 1, max: 60_000 }),
    longest_ms: fc.integer({ min: 60_000, max: 3_600_000 }),
    factor: fc.integer({ min: 1, max: 10 }),
  },
  { requiredKeys: ['first_ms', 'longest_ms'] },
);
const failures = fc.integer({ min: 1, max: 100_000 });
const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('between the half and the whole, never beyond the longest, however often it failed', () => {
  fc.assert(
    fc.property(policy, failures, fraction, (backoff, count, drawn) => {
      const wait_ms = backoff_ms(drawing(drawn), count, backoff);
      const whole_ms = Math.min(backoff.longest_ms, backoff.first_ms * (backoff.factor ?? 2) ** (count - 1));
      expect(wait_ms).toBeGreaterThanOrEqual(whole_ms / 2);
      expect(wait_ms).toBeLessThanOrEqual(whole_ms);
      expect(wait_ms).toBeLessThanOrEqual(backoff.longest_ms);
    }),
  );
});

test('with the same luck it never becomes shorter', () => {
  fc.assert(
    fc.property(policy, failures, fraction, (backoff, count, drawn) => {
      const random = drawing(drawn);
      expect(backoff_ms(random, count + 1, backoff)).toBeGreaterThanOrEqual(backoff_ms(random, count, backoff));
    }),
  );
});

test('those who failed together do not come back together', () => {
  const random = seededRandom(7);
  const waits = Array.from({ length: 100 }, () => backoff_ms(random, 4, { first_ms: 100, longest_ms: 10_000 }));
  expect(new Set(waits).size).toBe(100);
  expect(Math.min(...waits)).toBeLessThan(450);
  expect(Math.max(...waits)).toBeGreaterThan(750);
});

test('the first wait is that after one failure, also for who has not counted yet', () => {
  const random = drawing(0.5);
  expect([0, 1, 2, 3].map((count) => backoff_ms(random, count, { first_ms: 100, longest_ms: 1_000 }))).toEqual([
    75, 75, 150, 300,
  ]);
});
