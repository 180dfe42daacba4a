import type { JSX } from 'preact';
import type { BuildView } from '../../../../src/protocol/api/builds.ts';
import { api } from '../../api.ts';
import { link } from '../../match.ts';
import { Age } from '../../parts/age.tsx';
import { CountsText } from '../../parts/counts.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Status } from '../../parts/status.tsx';
import { Title } from '../../parts/title.tsx';
import { TroubleNotice } from '../../parts/trouble.tsx';
import { useData } from '../../use-data.ts';
import { ChangeGroups, ChangeSummary } from './changes.tsx';
import { Environments } from './environments.tsx';

/** Changes shown of each kind before the comparison's own page has the rest. */
const CHANGES_SHOWN = 10;

/** One build: what changed since the one before, then environments × jobs. */
export function BuildPage(properties: { id: string }): JSX.Element {
  const id = Number(properties.id);
  const { data, trouble } = useData(`build ${id}`, () => api.call('getBuild', { path: { id } }), {
    channels: ['build', 'run'],
  });
  if (data === null) {
    return (
      <>
        <Title text={`Build ${properties.id}`} />
        <Loading trouble={trouble} />
      </>
    );
  }
  return (
    <>
      <Title text={data.build.version}>
        <a href={link('/builds', { project: data.project })}>{data.project}</a>
        <Progress build={data} />
        <span class="spacer" />
        <a href={link('/runs', { project: data.project, build: data.build.version })}>runs</a>
      </Title>
      <TroubleNotice trouble={trouble} />
      <p>
        {data.tests === 0 ? (
          <span class="quiet">no test results</span>
        ) : (
          <>
            <CountsText counts={data.counts} /> <span class="quiet">of {data.tests.toLocaleString('en')} tests</span>
          </>
        )}
      </p>
      <Changes build={data} />
      <Environments build={data} />
    </>
  );
}

function Progress(properties: { build: BuildView }): JSX.Element {
  const { build, waits_for } = properties.build;
  if (build.finished_at !== null) {
    return (
      <span>
        <Status word={properties.build.verdict} />
        <span class="quiet">
          , finished <Age since={build.finished_at} /> ago
        </span>
      </span>
    );
  }
  const left = waits_for.map(({ state, count }) => `${count} ${state}`).join(', ');
  return (
    <span>
      <Status word="running" text="not finished" />{' '}
      <a
        href={link('/runs', {
          project: properties.build.project,
          build: build.version,
          state: waits_for.map((each) => each.state).join(),
        })}
      >
        {left === '' ? 'results are being read' : `waits for runs: ${left}`}
      </a>
    </span>
  );
}

function Changes(properties: { build: BuildView }): JSX.Element | null {
  const { project, build, baseline } = properties.build;
  const from = baseline?.version;
  const { data, trouble } = useData(
    from === undefined ? null : `compare ${project} ${from} ${build.version}`,
    () => api.call('compareBuilds', { query: { project, from, to: build.version } }),
    { channels: ['build', 'run'] },
  );
  if (from === undefined)
    return <p class="quiet">No finished build with test results came before it, so nothing is compared.</p>;
  return (
    <section aria-labelledby="changes-title">
      <h2 id="changes-title">
        Since <span class="mono">{from}</span>{' '}
        <a class="after" href={link('/compare', { project, from, to: build.version })}>
          the whole comparison
        </a>
      </h2>
      {data === null ? (
        <Loading trouble={trouble} />
      ) : (
        <>
          <ChangeSummary comparison={data} />
          <ChangeGroups
            project={project}
            changes={data.changes}
            counts={data.counts}
            shown={CHANGES_SHOWN}
            moreOf={(kind) => link('/compare', { project, from, to: build.version, kind })}
          />
        </>
      )}
    </section>
  );
}
