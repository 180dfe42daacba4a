import type { RunOutcome } from '../protocol/agent.ts';
import type { ResultSpec } from '../protocol/job.ts';
import type { RunVerdict } from './state.ts';

/** How many tests of a run came to what; null stands for "not read". */
export interface TestCounts {
  pass: number;
  fail: number;
  skip: number;
  xfail: number;
  error: number;
  flaky: number;
}

export interface Evidence {
  outcome: RunOutcome;
  /** What the job said that it would write. */
  expected: readonly ResultSpec[];
  /** Null when the files were not read. */
  results: { files: number; counts: TestCounts; problem: string | null } | null;
}

export interface Judgement {
  verdict: RunVerdict;
  /** One sentence without a full stop, for lists and holds. */
  reason: string;
}

/**
 * The verdict of a payload that ended. In this order, the first that fits:
 *
 * | outcome | results | verdict |
 * |---|---|---|
 * | infra | any | infra: never the tests' fault |
 * | cancelled | any | cancelled |
 * | timeout | any | timeout |
 * | any other | a test failed, or could not run | failed, with how many |
 * | failed | no failed test | failed, with the agent's reason |
 * | passed | a result file is broken | failed, with the place and the reason |
 * | passed | promised, but no file, or no test in them | failed: silence is not success |
 * | passed | promised, and could not be read | infra: nobody knows what the tests came to |
 * | passed | all passed, skipped, flaky or known | passed |
 *
 * Flaky and known failures do not fail a run. Without read results the outcome alone decides, if it can.
 */
export function judgeRun({ outcome, expected, results }: Evidence): Judgement {
  if (outcome.state === 'infra' || outcome.state === 'cancelled' || outcome.state === 'timeout') {
    return { verdict: outcome.state, reason: outcome.reason };
  }
  const failed = (results?.counts.fail ?? 0) + (results?.counts.error ?? 0);
  if (results && failed > 0) return { verdict: 'failed', reason: failedTests(results.counts) };
  if (outcome.state === 'failed') return { verdict: 'failed', reason: outcome.reason };
  if (results === null) {
    if (awaitsResults(outcome, expected)) return { verdict: 'infra', reason: 'its results could not be read' };
    return { verdict: 'passed', reason: outcome.reason };
  }
  if (results.problem !== null) return { verdict: 'failed', reason: results.problem };
  const total = totalOf(results.counts);
  if (expected.length > 0 && results.files === 0) {
    return { verdict: 'failed', reason: `no file fits its results: ${expected.map((spec) => spec.path).join(', ')}` };
  }
  if (expected.length > 0 && total === 0) return { verdict: 'failed', reason: 'its result files hold no test' };
  return { verdict: 'passed', reason: total === 0 ? outcome.reason : passedTests(results.counts) };
}

/** Steps that passed say nothing about tests whose results were promised: only when they are read is there a verdict. */
export function awaitsResults(outcome: RunOutcome, expected: readonly ResultSpec[]): boolean {
  return outcome.state === 'passed' && expected.length > 0;
}

export function totalOf(counts: TestCounts): number {
  return counts.pass + counts.fail + counts.skip + counts.xfail + counts.error + counts.flaky;
}

function failedTests(counts: TestCounts): string {
  const parts = [];
  if (counts.fail > 0) parts.push(`${tests(counts.fail)} failed`);
  if (counts.error > 0) parts.push(`${tests(counts.error)} could not run`);
  return parts.join(', ');
}

function passedTests(counts: TestCounts): string {
  const parts = [`${tests(counts.pass)} passed`];
  if (counts.flaky > 0) parts.push(`${counts.flaky} flaky`);
  return parts.join(', ');
}

function tests(count: number): string {
  return count === 1 ? '1 test' : `${count} tests`;
}
