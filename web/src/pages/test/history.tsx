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
import type { Column } from '../../parts/table/column.ts';
import { Table } from '../../parts/table/table.tsx';
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
  const columns: readonly Column<HistoryView['trends'][number]>[] = [
    ENVIRONMENT,
    {
      key: 'failing since',
      head: 'failing since',
      width_px: 130,
      cell: ({ first_failed_in }) =>
        first_failed_in === null ? (
          <span class="quiet">does not fail</span>
        ) : (
          <>
            <Sign word="fail" /> {build(first_failed_in)}
          </>
        ),
    },
    {
      key: 'last passed in',
      head: 'last passed in',
      width_px: 170,
      cell: ({ first_failed_in, last_passed_in }) => (
        <>
          {build(last_passed_in)}{' '}
          {first_failed_in !== null && last_passed_in !== null ? (
            <a href={link('/compare', { project, from: last_passed_in, to: first_failed_in })}>compare</a>
          ) : null}
        </>
      ),
    },
    {
      key: 'flaky',
      head: 'flaky',
      width_px: 120,
      cell: ({ flaky, sample }) => <Share part={flaky} of={sample} noun="builds" />,
    },
  ];
  return (
    <Table columns={columns} rows={history.trends} keyOf={({ environment }) => environment} as_content stops={false} />
  );
}

const ENVIRONMENT: Column<{ environment: string }> = {
  key: 'environment',
  head: 'Environment',
  width_px: 120,
  names_row: true,
  card: 'title',
  cell: ({ environment }) => environment,
};

/** Rows are environments, columns builds, the newest on the left. */
function Grid(properties: { history: HistoryView }): JSX.Element {
  const { history } = properties;
  return (
    <Table
      columns={[ENVIRONMENT, ...history.builds.map(columnOf)]}
      rows={history.environments.map((environment) => ({ environment }))}
      keyOf={({ environment }) => environment}
      caption="Builds, the newest first"
      caption_heard
      matrix
      as_content
      class="history"
    />
  );
}

function columnOf({ build, cells }: HistoryView['builds'][number]): Column<{ environment: string }> {
  const cellOf = new Map(cells.map((cell) => [cell.environment, cell]));
  return {
    key: String(build.build_id),
    head: build.version,
    head_view: (
      <a href={`/builds/${build.build_id}`} title={`${build.version}, ${localTime(build.created_at)}`}>
        {build.version}
      </a>
    ),
    width_px: 26,
    look: ({ environment }) => `cell-${cellOf.get(environment)?.status ?? 'none'}`,
    cell({ environment }) {
      const cell = cellOf.get(environment);
      if (cell === undefined) return null;
      const took = cell.duration_ms === null ? '' : `, ${formatDuration(cell.duration_ms)}`;
      return (
        <a href={`/runs/${cell.run_id}`} title={`${build.version}, ${environment}: ${cell.status}${took}`}>
          <Sign word={cell.status} />
        </a>
      );
    },
  };
}
