import type { JSX } from 'preact';
import { formatDuration } from '../../../../src/base/units.ts';
import type { BuildView } from '../../../../src/protocol/api/builds.ts';
import { api } from '../../api.ts';
import { link } from '../../match.ts';
import { Age } from '../../parts/age.tsx';
import { CountsBar, CountsText } from '../../parts/counts.tsx';
import { Choice } from '../../parts/filters.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Sign, Status } from '../../parts/status.tsx';
import { Title } from '../../parts/title.tsx';
import { TroubleNotice } from '../../parts/trouble.tsx';
import { query } from '../../route.ts';
import { useData } from '../../use-data.ts';
import { ChangeGroups, ChangeSummary } from './changes.tsx';

type Job = BuildView['environments'][number]['jobs'][number];

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

function Environments(properties: { build: BuildView }): JSX.Element {
  const { environments } = properties.build;
  const chosen = query.value.get('environment');
  const shown = environments.filter((each) => chosen === null || each.environment === chosen);
  const jobs = [...new Set(shown.flatMap((each) => each.jobs.map(({ job }) => job)))];
  return (
    <section aria-labelledby="environments-title">
      <h2 id="environments-title">Environments and jobs</h2>
      {environments.length > 1 ? (
        <div class="filters">
          <Choice
            name="environment"
            label="environment"
            words={environments.map((each) => each.environment)}
            none="all"
          />
        </div>
      ) : null}
      <div class="wide">
        <table>
          <thead>
            <tr>
              <th scope="col">Environment</th>
              <th scope="col" class="number">
                tests
              </th>
              <th scope="col" class="number">
                took
              </th>
              {jobs.map((job) => (
                <th key={job} scope="col">
                  {job}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((environment) => (
              <tr key={environment.environment} data-row>
                <th scope="row">
                  <Sign word={environment.verdict} /> {environment.environment}
                </th>
                {environment.tests === 0 ? (
                  <td colSpan={2} class="quiet">
                    {jobWords(environment.jobs)}
                  </td>
                ) : (
                  <>
                    <td class="number">{environment.tests.toLocaleString('en')}</td>
                    <td class="number">{formatDuration(environment.duration_ms)}</td>
                  </>
                )}
                {jobs.map((job) => (
                  <td key={job}>
                    <JobCell job={environment.jobs.find((each) => each.job === job)} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** `1 passed, 1 skipped`: what there is to say of jobs without tests. */
function jobWords(jobs: readonly Job[]): string {
  const words = Map.groupBy(jobs, (job) => job.verdict ?? job.state);
  return [...words].map(([word, each]) => `${each.length} ${word}`).join(', ');
}

function JobCell(properties: { job: Job | undefined }): JSX.Element {
  const { job } = properties;
  // Whatever was asked for has a run, and be it one that was skipped.
  if (job === undefined) {
    return (
      <span class="quiet" title="not asked for there">
        –
      </span>
    );
  }
  return (
    <a class="cell" href={`/runs/${job.run_id}`} title={job.reason ?? ''}>
      <Status word={job.verdict ?? job.state} /> {job.counts === null ? null : <CountsBar counts={job.counts} />}
      {job.partial ? <span class="odd"> ! in part</span> : null}
      {job.attempt > 1 ? <span class="quiet"> try {job.attempt}</span> : null}
    </a>
  );
}
