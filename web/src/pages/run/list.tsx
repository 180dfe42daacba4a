import type { JSX } from 'preact';
import { formatDuration } from '../../../../src/base/units.ts';
import type { RunView } from '../../../../src/protocol/api/runs.ts';
import { RUN_STATES, RUN_VERDICTS } from '../../../../src/runs/state.ts';
import { api } from '../../api.ts';
import { link } from '../../match.ts';
import { Age } from '../../parts/age.tsx';
import { CountsBar } from '../../parts/counts.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Choice, TextFilter } from '../../parts/filters.tsx';
import { Loading } from '../../parts/loading.tsx';
import { runWord, Sign, Status } from '../../parts/status.tsx';
import type { Column } from '../../parts/table/column.ts';
import { Table } from '../../parts/table/table.tsx';
import { Title } from '../../parts/title.tsx';
import { TroubleNotice } from '../../parts/trouble.tsx';
import { path, query, withQuery } from '../../route.ts';
import { usePages } from '../../use-pages.ts';

/** Together they leave room for why on a screen of 1280 pixels. */
const COLUMNS: readonly Column<RunView>[] = [
  {
    key: 'run',
    head: 'Run',
    width_px: 62,
    names_row: true,
    card: 'title',
    cell: ({ id }) => (
      <a class="mono" href={`/runs/${id}`}>
        {id}
      </a>
    ),
  },
  {
    key: 'result',
    head: 'result',
    width_px: 112,
    card: 'beside',
    cell: (run) => (
      <>
        <Status word={runWord(run)} />
        {run.held ? (
          <>
            {' '}
            <Sign word="held" />
          </>
        ) : null}
      </>
    ),
  },
  {
    key: 'project and build',
    head: 'project and build',
    card_head: '',
    width_px: 178,
    grows: 2,
    title: ({ project, build }) => `${project}@${build}`,
    cell: (run) => (
      <>
        <a href={withQuery({ project: run.project })}>{run.project}</a>
        <span class="quiet">@</span>
        <a class="mono" href={`/builds/${run.build_id}`}>
          {run.build}
        </a>
      </>
    ),
  },
  {
    key: 'job',
    head: 'job',
    width_px: 126,
    grows: 2,
    card: 'half',
    title: ({ job }) => job,
    cell: ({ job, attempt }) => (
      <>
        {job}
        {attempt > 1 ? <span class="quiet"> try {attempt}</span> : null}
      </>
    ),
  },
  {
    key: 'environment',
    head: 'environment',
    card_head: 'on',
    width_px: 104,
    grows: 2,
    card: 'half',
    title: ({ environment }) => environment,
    cell: ({ environment }) => environment,
  },
  {
    key: 'tests',
    head: 'tests',
    width_px: 138,
    gives_way: 5,
    card: 'half',
    card_without: ({ counts }) => counts === null,
    cell: ({ counts }) => (counts === null ? <span class="quiet">–</span> : <CountsBar counts={counts} />),
  },
  {
    key: 'waited',
    head: 'waited',
    width_px: 94,
    gives_way: 1,
    align: 'right',
    card: 'half',
    card_without: ({ waited_ms }) => waited_ms === null,
    cell: ({ waited_ms }) => duration(waited_ms),
  },
  {
    key: 'ran',
    head: 'ran',
    width_px: 94,
    gives_way: 3,
    align: 'right',
    card: 'half',
    card_without: ({ ran_ms }) => ran_ms === null,
    cell: ({ ran_ms }) => duration(ran_ms),
  },
  {
    key: 'node',
    head: 'node',
    width_px: 100,
    gives_way: 2,
    card: 'half',
    card_without: ({ node_id }) => node_id === null,
    look: 'mono',
    cell: ({ node_id }) => (node_id === null ? '–' : <a href={link(`/nodes/${node_id}`)}>{node_id}</a>),
  },
  {
    key: 'ago',
    head: 'ago',
    width_px: 74,
    gives_way: 4,
    align: 'right',
    card: 'beside',
    cell: (run) => <Age short since={run.finished_at ?? run.started_at ?? run.created_at} />,
  },
  {
    key: 'why',
    head: 'why',
    width_px: 150,
    grows: 6,
    card_head: '',
    card: 'two lines',
    card_without: ({ reason }) => reason === null,
    look: 'rest',
    title: ({ reason }) => reason ?? '',
    cell: ({ reason }) => reason,
  },
];

/** Runs, newest first, as the address filters them. */
export function RunsPage(): JSX.Element {
  const [project, build, state, verdict, node] = ['project', 'build', 'state', 'verdict', 'node'].map(
    (key) => query.value.get(key) ?? undefined,
  );
  const filter = { project, build, state, verdict, node };
  const runs = usePages<RunView>(
    `runs ${JSON.stringify(filter)}`,
    async (page) => await api.call('listRuns', { query: { ...filter, ...page } }),
    { channels: ['run'] },
  );
  return (
    <>
      <Title text="Runs">
        <span class="quiet" role="status">
          {runs.data === null ? '' : `${runs.data.length.toLocaleString('en')}${runs.more ? ' and more' : ''}`}
        </span>
      </Title>
      <div class="filters">
        <TextFilter name="project" label="project" placeholder="acme/widget" />
        <TextFilter name="build" label="build" />
        <Choice name="state" label="state" words={RUN_STATES} none="any" />
        <Choice name="verdict" label="verdict" words={RUN_VERDICTS} none="any" />
        {query.value.size > 0 ? <a href={path.value}>all runs</a> : null}
      </div>
      {runs.data === null ? <Loading trouble={runs.trouble} /> : <TroubleNotice trouble={runs.trouble} />}
      {runs.data === null ? null : <RunTable runs={runs.data} onEnd={runs.readMore} />}
    </>
  );
}

function RunTable(properties: { runs: readonly RunView[]; onEnd(): void }): JSX.Element {
  const empty =
    query.value.size > 0 ? (
      <p class="empty">
        No run fits these filters. <a href={path.value}>All runs</a>
      </p>
    ) : (
      <Empty text="Nothing has run yet. Hand in a job file:" command="npx groundcrew job submit job.yaml" />
    );
  return (
    <Table
      columns={COLUMNS}
      rows={properties.runs}
      keyOf={(run) => run.id}
      empty={empty}
      long={{ onEnd: properties.onEnd }}
    />
  );
}

/** Both units in little room: `59 m 12 s`. */
function duration(value_ms: number | null): JSX.Element | string {
  return value_ms === null ? <span class="quiet">–</span> : formatDuration(value_ms).replace(' min', ' m');
}
