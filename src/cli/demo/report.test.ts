import { describe, expect, test } from 'vitest';
import { createPaint } from '../text/paint.ts';
import { widthOf } from '../text/width.ts';
import { endLine, runLine } from './report.ts';

const paint = createPaint(false);
const RUN = {
  ...{ environment: 'jammy', state: 'finished', verdict: 'failed', node_id: 'n-vyge0fb1', held: true },
  ...{ waited_ms: 3, ran_ms: 3300, counts: { pass: 40, fail: 1, skip: 0, xfail: 0, error: 0, flaky: 1 } },
};

test('the end tells of held nodes that it let go, and of none that were released before', () => {
  expect([0, 1, 2].map(endLine)).toEqual([
    '✓ stopped',
    '✓ stopped; the held node was let go',
    '✓ stopped; the 2 held nodes were let go',
  ]);
});

describe('the line of a run', () => {
  test('is whole in a pipe', () => {
    expect(runLine(RUN, { paint, width: null })).toBe(
      'jammy  ✗ 40 passed  1 failed  1 flaky   node n-vyge0fb1   waited 3 ms   ran 3.3 s   held',
    );
  });

  test('fits a terminal of 80 columns', () => {
    for (const waited_ms of [3, 36]) {
      const line = runLine({ ...RUN, waited_ms }, { paint, width: 78 });
      expect(widthOf(line)).toBeLessThanOrEqual(78);
      expect(line).toMatch(/^jammy {2}✗ 40 passed {2}1 failed {2}1 flaky {2}n-vyge0fb1 {2}waited .* {2}(held|■)$/);
    }
  });
});
