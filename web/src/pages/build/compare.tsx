import type { JSX } from 'preact';
import type { ComparisonView } from '../../../../src/protocol/api/builds.ts';
import { CHANGE_KINDS } from '../../../../src/results/state.ts';
import { api } from '../../api.ts';
import { link, quoted } from '../../match.ts';
import { Command, CopyButton } from '../../parts/command.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Choice, TextFilter } from '../../parts/filters.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Title } from '../../parts/title.tsx';
import { TroubleNotice } from '../../parts/trouble.tsx';
import { query } from '../../route.ts';
import { useData } from '../../use-data.ts';
import { ChangeGroups, ChangeSummary } from './changes.tsx';
import { comparisonMarkdown, filterChanges } from './markdown.ts';

/** No list of a page is longer; filters find the rest. */
const CHANGES_SHOWN = 500;

/** Two builds side by side: only what differs. */
export function ComparePage(): JSX.Element {
  const [project, from, to] = ['project', 'from', 'to'].map((key) => query.value.get(key));
  const complete = project && to ? { project, to, ...(from ? { from } : {}) } : null;
  const { data, trouble } = useData(
    complete === null ? null : `compare ${project} ${from} ${to}`,
    () => api.call('compareBuilds', { query: complete ?? { project: '', to: '' } }),
    { channels: ['build', 'run'] },
  );
  if (complete === null) {
    return (
      <>
        <Title text="Compare" />
        <Empty
          text="Two builds of a project are compared from the page of one of them, or in a terminal:"
          command="npx groundcrew build compare PROJECT@TO --from FROM"
        />
      </>
    );
  }
  return (
    <>
      <Title text={data === null ? `Compare ${to}` : `${data.from.version} → ${data.to.version}`}>
        <a href={link('/builds', { project })}>{project}</a>
      </Title>
      {data === null ? <Loading trouble={trouble} /> : <TroubleNotice trouble={trouble} />}
      {data === null ? null : <Comparison comparison={data} />}
    </>
  );
}

function Comparison(properties: { comparison: ComparisonView }): JSX.Element {
  const { comparison } = properties;
  const filter = {
    text: query.value.get('text') ?? '',
    environment: query.value.get('environment') ?? '',
    suite: query.value.get('suite') ?? '',
    kind: query.value.get('kind') ?? '',
  };
  const filtered = Object.values(filter).some((value) => value !== '');
  const changes = filterChanges(comparison.changes, filter);
  const suites = [...new Set(comparison.changes.map((change) => change.suite))].sort();
  const { project, from, to } = comparison;
  return (
    <>
      <p class="quiet">
        <a class="mono" href={`/builds/${from.build_id}`}>
          {from.version}
        </a>{' '}
        →{' '}
        <a class="mono" href={`/builds/${to.build_id}`}>
          {to.version}
        </a>
        {comparison.environments.length === 0 ? '' : ', '}
        {comparison.environments
          .map(
            (each) =>
              `${each.environment}: ${each.from_tests.toLocaleString('en')} → ${each.to_tests.toLocaleString('en')} tests`,
          )
          .join(', ')}
      </p>
      <ChangeSummary comparison={comparison} />
      <div class="filters">
        <Choice name="kind" label="kind" words={CHANGE_KINDS} none="all" />
        <Choice
          name="environment"
          label="environment"
          words={comparison.environments.map((each) => each.environment)}
          none="all"
        />
        <Choice name="suite" label="suite" words={suites} none="all" />
        <TextFilter name="text" label="text" placeholder="in name or message" />
        {filtered ? <a href={link('/compare', { project, from: from.version, to: to.version })}>everything</a> : null}
        <CopyButton text={() => comparisonMarkdown(comparison, changes)}>copy as Markdown</CopyButton>
      </div>
      {comparison.truncated ? (
        <p class="quiet">There is more than can be listed; the counts above are complete.</p>
      ) : null}
      {filtered && changes.length === 0 ? <p class="empty">No change fits these filters.</p> : null}
      <ChangeGroups
        project={project}
        changes={changes}
        counts={filtered ? null : comparison.counts}
        shown={CHANGES_SHOWN}
        moreOf={() => null}
      />
      <p class="quiet">
        The same from a terminal:{' '}
        <Command
          text={`npx groundcrew build compare ${quoted(`${project}@${to.version}`)} --from ${quoted(from.version)}`}
        />
      </p>
    </>
  );
}
