import type { JSX } from 'preact';
import { formatDuration } from '../../../../src/base/units.ts';
import type { HistoryView } from '../../../../src/protocol/api/builds.ts';
import { api } from '../../api.ts';
import { localTime } from '../../clock.ts';
import { link, quoted } from '../../match.ts';
import { Command } from '../../parts/command.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Share } from '../../parts/number.tsx';
import { Sign } from '../../parts/status.tsx';
import { Title } from '../../parts/title.tsx';
import { TroubleNotice } from '../../parts/trouble.tsx';
import { useData } from '../../use-data.ts';

const BUILDS = 60;

/** One test over builds and environments. */
export function HistoryPage(properties: { project: string; suite: string; name: string }): JSX.Element {
  const { project, suite, name } = properties;
  const { data, trouble } = useData(
    `history ${project} ${suite} ${name}`,
    () => api.call('testHistory', { query: { project, suite, name, limit: BUILDS } }),
    { channels: ['build'] },
  );
  return (
    <>
      <Title text={name}>
        <span class="quiet break">{suite}</span>
        <a href={link('/builds', { project })}>{project}</a>
      </Title>
      {data === null ? <Loading trouble={trouble} /> : <TroubleNotice trouble={trouble} />}
      {data === null ? null : <History history={data} project={project} />}
      <p class="quiet">
        The same from a terminal:{' '}
        <Command text={`npx groundcrew test history ${quoted(project)} ${quoted(suite)} ${quoted(name)}`} />
      </p>
    </>
  );
}

function History(properties: { history: HistoryView; project: string }): JSX.Element {
  const { history } = properties;
  if (history.builds.length === 0) return <p class="empty">It has not run in any build that is kept.</p>;
  return (
    <>
      <Trends {...properties} />
      <Grid history={history} />
      <p class="legend quiet">
        {(['pass', 'fail', 'flaky', 'skip', 'xfail', 'error'] as const).map((word) => (
          <span key={word}>
            <Sign word={word} /> {word}
          </span>
        ))}
        <span>an empty cell: not run there</span>
      </p>
    </>
  );
}

function Trends(properties: { history: HistoryView; project: string }): JSX.Element {
  const { history, project } = properties;
  const build = (version: string | null): JSX.Element => {
    if (version === null) return <span class="quiet">–</span>;
    const known = history.builds.find((each) => each.build.version === version);
    return known === undefined ? (
      <span class="mono">{version}</span>
    ) : (
      <a class="mono" href={`/builds/${known.build.build_id}`}>
        {version}
      </a>
    );
  };
  return (
    <div class="wide">
      <table class="narrow">
        <thead>
          <tr>
            <th scope="col">Environment</th>
            <th scope="col">failing since</th>
            <th scope="col">last passed in</th>
            <th scope="col">flaky</th>
            <th scope="col" class="filler" />
          </tr>
        </thead>
        <tbody>
          {history.trends.map((trend) => (
            <tr key={trend.environment}>
              <th scope="row">{trend.environment}</th>
              <td>
                {trend.first_failed_in === null ? (
                  <span class="quiet">does not fail</span>
                ) : (
                  <>
                    <Sign word="fail" /> {build(trend.first_failed_in)}
                  </>
                )}
              </td>
              <td>
                {build(trend.last_passed_in)}
                {trend.first_failed_in !== null && trend.last_passed_in !== null ? (
                  <>
                    {' '}
                    <a href={link('/compare', { project, from: trend.last_passed_in, to: trend.first_failed_in })}>
                      compare
                    </a>
                  </>
                ) : null}
              </td>
              <td>
                <Share part={trend.flaky} of={trend.sample} noun="builds" />
              </td>
              <td />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Rows are environments, columns builds, the newest on the left. */
function Grid(properties: { history: HistoryView }): JSX.Element {
  const { history } = properties;
  return (
    <div class="wide">
      <table class="history">
        <caption class="offscreen">Builds, the newest first</caption>
        <thead>
          <tr>
            <th scope="col">Environment</th>
            {history.builds.map(({ build }) => (
              <th key={build.build_id} scope="col" class="build-column">
                <a href={`/builds/${build.build_id}`} title={`${build.version}, ${localTime(build.created_at)}`}>
                  {build.version}
                </a>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {history.environments.map((environment) => (
            <tr key={environment} data-row>
              <th scope="row">{environment}</th>
              {history.builds.map(({ build, cells }) => {
                const cell = cells.find((each) => each.environment === environment);
                return (
                  <td key={build.build_id} class={cell === undefined ? '' : `cell-${cell.status}`}>
                    {cell === undefined ? null : (
                      <a
                        href={`/runs/${cell.run_id}`}
                        title={`${build.version}, ${environment}: ${cell.status}${cell.duration_ms === null ? '' : `, ${formatDuration(cell.duration_ms)}`}`}
                      >
                        <Sign word={cell.status} />
                      </a>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
