import type { JSX } from 'preact';
import type { FailureView, RunDetail } from '../../../../src/protocol/api/runs.ts';
import { link } from '../../match.ts';
import { Sign } from '../../parts/status.tsx';

/** Attempts of a test that failed every time are no oddity. */
const ATTEMPTS_LOOK: Readonly<Partial<Record<FailureView['status'], string>>> = { flaky: 'odd', xfail: 'quiet' };

/** So many are unfolded at first. */
const UNFOLDED = 3;

function isFailed({ status }: FailureView): boolean {
  return status === 'fail' || status === 'error';
}

/** What the verdict above all else tells of; a flaky test or a known failure is none. */
export function firstFailure(failures: readonly FailureView[]): FailureView | undefined {
  return failures.find(isFailed);
}

/** The tests that did not pass, with message and trace, but for the first: that one stands beside the verdict. */
export function RunFailures(properties: { detail: RunDetail }): JSX.Element | null {
  const { failures, run } = properties.detail;
  const first = firstFailure(failures);
  const others = failures.filter((failure) => failure !== first);
  if (others.length === 0) return null;
  const all =
    run.counts === null ? failures.length : run.counts.fail + run.counts.error + run.counts.flaky + run.counts.xfail;
  const more = first === undefined ? all : all - 1;
  return (
    <section aria-labelledby="failures-title">
      <h2 id="failures-title">
        {first === undefined ? 'Did not pass' : 'Did not pass either'}{' '}
        <span class="quiet">{more.toLocaleString('en')}</span>
      </h2>
      {others.map((failure, index) => (
        <Failure
          key={failure.position}
          failure={failure}
          project={run.project}
          open={index < UNFOLDED && isFailed(failure)}
        />
      ))}
      {all > failures.length ? (
        <p class="quiet">
          The first {failures.length} of {all.toLocaleString('en')} are shown.
        </p>
      ) : null}
    </section>
  );
}

/** A test that did not pass: its name, and unfolded its message and trace. */
export function Failure(properties: { failure: FailureView; project: string; open: boolean }): JSX.Element {
  const { failure, project } = properties;
  const text = [failure.message, failure.trace].filter(
    (part, index, parts) => part !== null && !isIn(part, parts, index),
  );
  return (
    <details class="failure" open={properties.open}>
      <summary>
        <Sign word={failure.status} /> <span class="quiet">{failure.suite}:</span>{' '}
        <a href={link('/tests', { project, suite: failure.suite, name: failure.name })}>{failure.name}</a>
        {failure.location === null ? null : <span class="mono quiet"> {failure.location}</span>}
        {failure.attempts > 1 ? (
          <span class={ATTEMPTS_LOOK[failure.status] ?? 'bad'}>
            {' '}
            failed {failure.failed_attempts} of {failure.attempts} attempts
          </span>
        ) : null}
      </summary>
      {text.length === 0 ? (
        <p class="quiet">The results file gives no message.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
        <pre class="trace" tabIndex={0}>
          {text.join('\n\n')}
        </pre>
      )}
      {failure.cut_characters > 0 ? (
        <p class="quiet">{failure.cut_characters.toLocaleString('en')} more characters are in the results file.</p>
      ) : null}
    </details>
  );
}

/** A trace often begins with the message. */
function isIn(part: string, parts: readonly (string | null)[], index: number): boolean {
  return parts.some(
    (other, at) => at !== index && other !== null && other.length > part.length && other.includes(part),
  );
}
