import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeRun, type TestCounts } from './verdict.ts';

const NONE: TestCounts = { pass: 0, fail: 0, skip: 0, xfail: 0, error: 0, flaky: 0 };
const JUNIT = [{ path: 'junit.xml', format: 'junit' as const }];

function outcome(state: 'passed' | 'failed' | 'timeout' | 'cancelled' | 'infra', reason = 'every step passed') {
  return { state, reason, log_bytes: 0, durations_ms: {} };
}

describe('the verdict of a run', () => {
  it('says what the tests came to', () => {
    const judge = (counts: Partial<TestCounts>, state: 'passed' | 'failed' = 'passed') =>
      judgeRun({
        outcome: outcome(state, 'step "test" exited 1'),
        expected: JUNIT,
        results: { files: 1, counts: { ...NONE, ...counts }, problem: null },
      });
    expect(judge({ pass: 41 })).toEqual({ verdict: 'passed', reason: '41 tests passed' });
    expect(judge({ pass: 40, flaky: 1 })).toEqual({ verdict: 'passed', reason: '40 tests passed, 1 flaky' });
    expect(judge({ pass: 40, fail: 1 })).toEqual({ verdict: 'failed', reason: '1 test failed' });
    expect(judge({ fail: 2, error: 3 }, 'failed').reason).toBe('2 tests failed, 3 tests could not run');
    expect(judge({ pass: 3 }, 'failed')).toEqual({ verdict: 'failed', reason: 'step "test" exited 1' });
  });

  it('does not take silence for success', () => {
    const judge = (files: number, problem: string | null) =>
      judgeRun({ outcome: outcome('passed'), expected: JUNIT, results: { files, counts: NONE, problem } });
    expect(judge(0, null)).toEqual({ verdict: 'failed', reason: 'no file fits its results: junit.xml' });
    expect(judge(1, null)).toEqual({ verdict: 'failed', reason: 'its result files hold no test' });
    expect(judge(1, 'junit.xml is broken').reason).toBe('junit.xml is broken');
    expect(
      judgeRun({ outcome: outcome('passed'), expected: [], results: { files: 0, counts: NONE, problem: null } }),
    ).toEqual({ verdict: 'passed', reason: 'every step passed' });
  });

  const anyCounts = fc.record({
    pass: fc.nat(3),
    fail: fc.nat(3),
    skip: fc.nat(3),
    xfail: fc.nat(3),
    error: fc.nat(3),
    flaky: fc.nat(3),
  });
  const anyEvidence = fc.record({
    outcome: fc
      .constantFrom('passed', 'failed', 'timeout', 'cancelled', 'infra')
      .map((state) => outcome(state as 'passed')),
    expected: fc.constantFrom([], JUNIT),
    results: fc.option(fc.record({ files: fc.nat(2), counts: anyCounts, problem: fc.option(fc.constant('broken')) })),
  });

  it('passes only what passed, and blames the tests only for what they did', () => {
    fc.assert(
      fc.property(anyEvidence, (evidence) => {
        const { verdict, reason } = judgeRun(evidence);
        const failed = evidence.results === null ? 0 : evidence.results.counts.fail + evidence.results.counts.error;
        expect(reason).not.toBe('');
        const unread = evidence.results === null && evidence.expected.length > 0;
        if (verdict === 'passed') {
          expect(unread).toBe(false);
          expect(evidence.outcome.state).toBe('passed');
          expect(failed).toBe(0);
          expect(evidence.results?.problem ?? null).toBeNull();
        }
        if (failed > 0 && evidence.outcome.state === 'passed') expect(verdict).toBe('failed');
        if (['infra', 'timeout', 'cancelled'].includes(evidence.outcome.state))
          expect(verdict).toBe(evidence.outcome.state);
        else if (unread && evidence.outcome.state === 'passed') expect(verdict).toBe('infra');
        else expect(['passed', 'failed']).toContain(verdict);
      }),
    );
  });

  it('never turns better when a test fails', () => {
    fc.assert(
      fc.property(anyEvidence, (evidence) => {
        fc.pre(evidence.results !== null);
        const results = evidence.results as NonNullable<typeof evidence.results>;
        const worse = {
          ...evidence,
          results: { ...results, counts: { ...results.counts, fail: results.counts.fail + 1 } },
        };
        if (judgeRun(evidence).verdict !== 'passed') expect(judgeRun(worse).verdict).not.toBe('passed');
      }),
    );
  });
});
