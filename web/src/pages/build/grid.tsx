import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { BuildRowView } from '../../../../src/protocol/api/builds.ts';
import { api } from '../../api.ts';
import { link } from '../../match.ts';
import { Age } from '../../parts/age.tsx';
import { CountsBar } from '../../parts/counts.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Sign, Status } from '../../parts/status.tsx';
import { TroubleNotice } from '../../parts/trouble.tsx';
import { useData } from '../../use-data.ts';

const AT_FIRST = 15;
/** The server lists no more at once. */
const MOST = 500;

/** Builds × environments: a sign, a bar and what failed in each cell. */
export function BuildGrid(properties: { project: string }): JSX.Element {
  const { project } = properties;
  const [limit, setLimit] = useState(AT_FIRST);
  const { data, trouble } = useData(
    `builds ${project} ${limit}`,
    () => api.call('listBuilds', { query: { project, limit } }),
    {
      channels: ['build', 'run'],
    },
  );
  const [before, setBefore] = useState<typeof data>(null);
  if (data !== null && data !== before) setBefore(data);
  const shown = data ?? before;
  if (shown === null) return <Loading trouble={trouble} />;
  if (shown.items.length === 0) {
    return (
      <Empty text="This project has no builds yet. Hand in a job file:" command="npx groundcrew job submit job.yaml" />
    );
  }
  const environments = [
    ...new Set(shown.items.flatMap((build) => build.environments.map((each) => each.environment))),
  ].sort();
  return (
    <>
      <TroubleNotice trouble={trouble} />
      <div class="wide">
        <table>
          <thead>
            <tr>
              <th scope="col">Build</th>
              <th scope="col">state</th>
              <th scope="col" class="number">
                ago
              </th>
              {environments.map((environment) => (
                <th key={environment} scope="col">
                  {environment}
                </th>
              ))}
              <th scope="col">changes</th>
            </tr>
          </thead>
          <tbody>
            {shown.items.map((build) => (
              <BuildRow key={build.build_id} build={build} environments={environments} />
            ))}
          </tbody>
        </table>
      </div>
      {shown.next_cursor !== null && limit < MOST ? (
        <p>
          <button type="button" onClick={() => setLimit(Math.min(MOST, limit * 2))}>
            older builds
          </button>
        </p>
      ) : null}
    </>
  );
}

function BuildRow(properties: { build: BuildRowView; environments: readonly string[] }): JSX.Element {
  const { build, environments } = properties;
  const { version, build_id, created_at, finished_at } = build;
  const word = finished_at === null ? 'running' : build.verdict;
  return (
    <tr data-row>
      <th scope="row">
        <a class="mono" href={`/builds/${build_id}`}>
          {version}
        </a>
      </th>
      <td>
        <Status word={word} />
      </td>
      <td class="number">
        <Age since={finished_at ?? created_at} />
      </td>
      {environments.map((name) => (
        <td key={name} class="tight">
          <Cell build={build} environment={name} />
        </td>
      ))}
      <td>
        {build.baseline === null ? (
          <span class="quiet">no build before</span>
        ) : (
          <a href={link('/compare', { project: build.project, from: build.baseline.version, to: version })}>
            since {build.baseline.version}
          </a>
        )}
      </td>
    </tr>
  );
}

function Cell(properties: { build: BuildRowView; environment: string }): JSX.Element {
  const { build, environment } = properties;
  const summary = build.environments.find((each) => each.environment === environment);
  if (summary === undefined) {
    return (
      <span class="quiet" title="not asked for there">
        –
      </span>
    );
  }
  return (
    <a class="cell" href={link(`/builds/${build.build_id}`, { environment })}>
      {summary.tests === 0 ? (
        <Status word={summary.verdict} />
      ) : (
        <>
          <Sign word={summary.verdict} /> <CountsBar counts={summary.counts} />
        </>
      )}
    </a>
  );
}
