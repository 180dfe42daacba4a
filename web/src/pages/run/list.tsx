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
import { Title } from '../../parts/title.tsx';
import { TroubleNotice } from '../../parts/trouble.tsx';
import { VirtualTable } from '../../parts/virtual-rows.tsx';
import { path, query, withQuery } from '../../route.ts';
import { usePages } from '../../use-pages.ts';

/** Together they leave room for why on a screen of 1280 pixels. */
const COLUMNS = [
  { name: 'Run', width_px: 62 },
  { name: 'result', width_px: 112 },
  { name: 'project and build', width_px: 178 },
  { name: 'job', width_px: 126 },
  { name: 'environment', width_px: 104 },
  { name: 'tests', width_px: 138 },
  { name: 'waited', width_px: 94, number: true },
  { name: 'ran', width_px: 94, number: true },
  { name: 'node', width_px: 100 },
  { name: 'ago', width_px: 74, number: true },
  { name: 'why', width_px: null },
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
  if (properties.runs.length === 0) {
    return query.value.size > 0 ? (
      <p class="empty">
        No run fits these filters. <a href={path.value}>All runs</a>
      </p>
    ) : (
      <Empty text="Nothing has run yet. Hand in a job file:" command="npx groundcrew job submit job.yaml" />
    );
  }
  return (
    <VirtualTable
      columns={COLUMNS}
      items={properties.runs}
      keyOf={(run) => run.id}
      row={(run) => <RunRow key={run.id} run={run} />}
      onEnd={properties.onEnd}
    />
  );
}

function RunRow(properties: { run: RunView }): JSX.Element {
  const { run } = properties;
  return (
    <tr data-row>
      <td>
        <a class="mono" href={`/runs/${run.id}`}>
          {run.id}
        </a>
      </td>
      <td>
        <Status word={runWord(run)} />
        {run.held ? (
          <>
            {' '}
            <Sign word="held" />
          </>
        ) : null}
      </td>
      <td>
        <a href={withQuery({ project: run.project })}>{run.project}</a>
        <span class="quiet">@</span>
        <a class="mono" href={`/builds/${run.build_id}`}>
          {run.build}
        </a>
      </td>
      <td title={run.job}>
        {run.job}
        {run.attempt > 1 ? <span class="quiet"> try {run.attempt}</span> : null}
      </td>
      <td>{run.environment}</td>
      <td>{run.counts === null ? <span class="quiet">–</span> : <CountsBar counts={run.counts} />}</td>
      <td class="number">{duration(run.waited_ms)}</td>
      <td class="number">{duration(run.ran_ms)}</td>
      <td class="mono">{run.node_id === null ? '–' : <a href={link(`/nodes/${run.node_id}`)}>{run.node_id}</a>}</td>
      <td class="number">
        <Age short since={run.finished_at ?? run.started_at ?? run.created_at} />
      </td>
      <td class="rest" title={run.reason ?? ''}>
        {run.reason}
      </td>
    </tr>
  );
}

/** Both units in little room: `59 m 12 s`. */
function duration(value_ms: number | null): JSX.Element | string {
  return value_ms === null ? <span class="quiet">–</span> : formatDuration(value_ms).replace(' min', ' m');
}
