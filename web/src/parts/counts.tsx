import type { JSX } from 'preact';
import type { CountsView } from '../../../src/protocol/api/runs.ts';
import { Bar } from './bar.tsx';

/** What did not pass first, since that is looked for. */
const ORDER = ['fail', 'error', 'flaky', 'pass', 'xfail', 'skip'] as const;
const NAMES: Readonly<Record<(typeof ORDER)[number], string>> = {
  fail: 'failed',
  error: 'errors',
  flaky: 'flaky',
  pass: 'passed',
  xfail: 'known failures',
  skip: 'skipped',
};

/** All tests of some results. */
export function total(counts: CountsView): number {
  return ORDER.reduce((sum, status) => sum + counts[status], 0);
}

/** `40 passed  1 failed`: what there is, in words. */
export function CountsText(properties: { counts: CountsView }): JSX.Element {
  const { counts } = properties;
  if (total(counts) === 0) return <span class="quiet">no tests</span>;
  return (
    <span class="counts">
      {(['pass', 'fail', 'error', 'flaky', 'xfail', 'skip'] as const)
        .filter((status) => counts[status] > 0)
        .map((status) => (
          <span key={status} class={status === 'pass' ? '' : looks[status]}>
            {counts[status].toLocaleString('en')} {NAMES[status]}
          </span>
        ))}
    </span>
  );
}

const looks = { pass: 'good', fail: 'bad', error: 'odd', flaky: 'odd', xfail: 'quiet', skip: 'quiet' } as const;

/** A bar, and the number that matters most beside it. */
export function CountsBar(properties: { counts: CountsView }): JSX.Element {
  const { counts } = properties;
  if (total(counts) === 0) return <span class="quiet">no tests</span>;
  const wrong = counts.fail + counts.error;
  return (
    <span class="counts-bar">
      <Bar
        parts={ORDER.map((status) => [status, counts[status]] as const)}
        words={ORDER.map((status) => NAMES[status])}
      />
      {wrong > 0 ? (
        <span class="bad">{wrong.toLocaleString('en')} failed</span>
      ) : (
        <span class="quiet">{counts.pass.toLocaleString('en')}</span>
      )}
      {counts.flaky > 0 ? <span class="odd">~{counts.flaky.toLocaleString('en')}</span> : null}
    </span>
  );
}
