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
import type { Column } from '../../parts/table/column.ts';
import { Table } from '../../parts/table/table.tsx';
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
  return (
    <>
      <TroubleNotice trouble={trouble} />
      <Table columns={columnsFor(shown.items)} rows={shown.items} keyOf={({ build_id }) => build_id} />
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

function columnsFor(builds: readonly BuildRowView[]): readonly Column<BuildRowView>[] {
  const environments = new Set(builds.flatMap((build) => build.environments.map((each) => each.environment)));
  return [
    {
      key: 'build',
      head: 'Build',
      width_px: 110,
      names_row: true,
      card: 'title',
      cell: ({ build_id, version }) => (
        <a class="mono" href={`/builds/${build_id}`}>
          {version}
        </a>
      ),
    },
    {
      key: 'state',
      head: 'state',
      width_px: 100,
      card: 'beside',
      cell: ({ finished_at, verdict }) => <Status word={finished_at === null ? 'running' : verdict} />,
    },
    {
      key: 'ago',
      head: 'ago',
      width_px: 100,
      gives_way: 2,
      align: 'right',
      card: 'beside',
      cell: ({ finished_at, created_at }) => <Age since={finished_at ?? created_at} />,
    },
    ...[...environments].sort().map(
      (environment): Column<BuildRowView> => ({
        key: `in ${environment}`,
        head: environment,
        width_px: 180,
        card_without: (build) => build.environments.every((each) => each.environment !== environment),
        cell: (build) => <Cell build={build} environment={environment} />,
      }),
    ),
    {
      key: 'changes',
      head: 'changes',
      width_px: 110,
      gives_way: 1,
      grows: 1,
      cell: ({ project, version, baseline }) =>
        baseline === null ? (
          <span class="quiet">no build before</span>
        ) : (
          <a href={link('/compare', { project, from: baseline.version, to: version })}>since {baseline.version}</a>
        ),
    },
  ];
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
