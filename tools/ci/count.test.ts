import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { countLine, countTests } from './count.mjs';

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((one) => ({ status: one })),
});

it('sums the reports, and takes a file that failed outside its tests for one that failed', () => {
  const whole = { numPassedTests: 5, numFailedTests: 1, testResults: [file('failed', 'failed', 'passed')] };
  // A file that cannot be loaded has no tests; where what comes before all tests failed, they are skipped.
  const broken = { numPassedTests: 2, numFailedTests: 0, testResults: [file('failed'), file('failed', 'skipped')] };
  expect(countTests([whole])).toEqual({ passed: 5, failed: 1 });
  expect(countTests([whole, broken])).toEqual({ passed: 7, failed: 3 });
  expect(countTests([])).toEqual({ passed: 0, failed: 0 });
});

it('counts a report that is missing or broken as a failure', () => {
  const directory = mkdtempSync(join(tmpdir(), 'groundcrew-count-'));
  try {
    const [good, broken] = [join(directory, 'good.json'), join(directory, 'broken.json')];
    writeFileSync(good, JSON.stringify({ numPassedTests: 3, numFailedTests: 0, testResults: [] }));
    writeFileSync(broken, '{"numPassedTests": 9,');
    expect(countLine([good])).toBe('3 passed, 0 failed');
    expect(countLine([good, broken, join(directory, 'none.json')])).toBe('3 passed, 2 failed');
  } finally {
    rmSync(directory, { recursive: true });
  }
});
