import type { JSX } from 'preact';
import type { ChangeView, ComparisonView } from '../../../../src/protocol/api/builds.ts';
import type { ChangeKind } from '../../../../src/protocol/results.ts';
import { CHANGE_KINDS } from '../../../../src/results/state.ts';
import { link } from '../../match.ts';
import { Sign, Status } from '../../parts/status.tsx';

export const KIND_NAMES: Readonly<Record<ChangeKind, readonly [one: string, many: string]>> = {
  regression: ['regression', 'regressions'],
  fix: ['fix', 'fixes'],
  new: ['new test', 'new tests'],
  gone: ['gone', 'gone'],
  flaky: ['flaky', 'flaky'],
};

/** Unfinished runs of a build that are named. */
const OPEN_SHOWN = 5;

/** `2 regressions  1 fix`: what changed, in numbers, and what could not be compared. */
export function ChangeSummary(properties: { comparison: ComparisonView }): JSX.Element {
  const { comparison } = properties;
  const kinds = CHANGE_KINDS.filter((kind) => comparison.counts[kind] > 0);
  const link_to = (kind: ChangeKind): string =>
    link('/compare', { project: comparison.project, from: comparison.from.version, to: comparison.to.version, kind });
  return (
    <>
      <p class="change-counts">
        {kinds.length === 0 ? <Unchanged comparison={comparison} /> : null}
        {kinds.map((kind) => (
          <a key={kind} href={link_to(kind)}>
            <Status
              word={kind}
              text={`${comparison.counts[kind].toLocaleString('en')} ${KIND_NAMES[kind][comparison.counts[kind] === 1 ? 0 : 1]}`}
            />
          </a>
        ))}
      </p>
      <Unfinished comparison={comparison} side="from" />
      <Unfinished comparison={comparison} side="to" />
      {comparison.missing.map((missing) => (
        <p key={`${missing.environment} ${missing.job}`} class="quiet">
          {missing.environment}, {missing.job}: {missing.tests.toLocaleString('en')}{' '}
          {missing.tests === 1 ? 'test is' : 'tests are'} not compared, since{' '}
          {missing.missing_in === 'from' ? comparison.from.version : comparison.to.version} has no results of it.
        </p>
      ))}
    </>
  );
}

/** Nothing can be well that was not looked at. */
function Unchanged(properties: { comparison: ComparisonView }): JSX.Element {
  const { nothing_compared, from, to } = properties.comparison;
  if (nothing_compared !== null) return <span class="odd">! Nothing could be compared: {nothing_compared}.</span>;
  const open = from.finished_at === null || to.finished_at === null;
  return <span class="quiet">{open ? 'Nothing changed so far.' : 'Nothing changed.'}</span>;
}

/** That a build is not finished, and which of its runs go on. */
function Unfinished(properties: { comparison: ComparisonView; side: 'from' | 'to' }): JSX.Element | null {
  const { comparison, side } = properties;
  const build = comparison[side];
  const runs = comparison.unfinished.filter((run) => run.build === side);
  if (build.finished_at !== null && runs.length === 0) return null;
  return (
    <p class="quiet">
      <span class="odd">!</span> {build.version} is not finished{runs.length === 0 ? '' : ', it waits for '}
      {runs.slice(0, OPEN_SHOWN).map((run, index) => (
        <span key={run.run_id}>
          {index === 0 ? '' : ', '}
          <a href={`/runs/${run.run_id}`}>run {run.run_id}</a> ({run.environment}, {run.job}: {run.state})
        </span>
      ))}
      {runs.length > OPEN_SHOWN ? `, ${(runs.length - OPEN_SHOWN).toLocaleString('en')} more` : ''}.
    </p>
  );
}

/** Changes by kind, regressions first. */
export function ChangeGroups(properties: {
  project: string;
  changes: readonly ChangeView[];
  counts: ComparisonView['counts'] | null;
  /** At most so many of each kind. */
  shown: number;
  /** Where the others are. */
  moreOf(kind: ChangeKind): string | null;
}): JSX.Element {
  return (
    <>
      {CHANGE_KINDS.map((kind) => {
        const all = properties.changes.filter((change) => change.kind === kind);
        if (all.length === 0) return null;
        const count = properties.counts?.[kind] ?? all.length;
        const rest = count - Math.min(all.length, properties.shown);
        return (
          <section key={kind} aria-label={KIND_NAMES[kind][1]}>
            <h3>
              <Status word={kind} text={KIND_NAMES[kind][count === 1 ? 0 : 1]} />{' '}
              <span class="quiet">{count.toLocaleString('en')}</span>
            </h3>
            <ul class="changes">
              {all.slice(0, properties.shown).map((change) => (
                <ChangeLine key={`${change.run_id} ${change.position}`} change={change} project={properties.project} />
              ))}
            </ul>
            <More count={rest} to={properties.moreOf(kind)} />
          </section>
        );
      })}
    </>
  );
}

function More(properties: { count: number; to: string | null }): JSX.Element | null {
  if (properties.count <= 0) return null;
  const text = `and ${properties.count.toLocaleString('en')} more`;
  return <p class="quiet">{properties.to === null ? text : <a href={properties.to}>{text}</a>}</p>;
}

function ChangeLine(properties: { change: ChangeView; project: string }): JSX.Element {
  const { change, project } = properties;
  return (
    <li data-row>
      <Sign word={change.kind} />
      <span class="where">
        <a href={`/runs/${change.run_id}`} title={change.environments.join(', ')}>
          {change.where}
        </a>
      </span>
      <span class="what break">
        <span class="quiet">{change.suite}:</span>{' '}
        <a href={link('/tests', { project, suite: change.suite, name: change.name })}>{change.name}</a>
        {change.kind === 'flaky' && change.attempts > 1 ? (
          <span class="quiet">
            {' '}
            failed {change.failed_attempts} of {change.attempts} attempts
          </span>
        ) : null}
        {change.message === null || change.kind === 'fix' ? null : (
          <code class="message">
            {change.message.split('\n', 1)[0]}
            {change.location === null ? null : <span class="quiet">{`   ${change.location}`}</span>}
          </code>
        )}
      </span>
    </li>
  );
}
