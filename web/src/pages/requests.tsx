import { Fragment, type JSX } from 'preact';
import { formatDuration } from '../../../src/base/units.ts';
import type { RequestView } from '../../../src/protocol/api/fleet.ts';
import { REQUEST_STATES } from '../../../src/requests/state.ts';
import { api } from '../api.ts';
import { Age } from '../parts/age.tsx';
import { Empty } from '../parts/empty.tsx';
import { Choice, TextFilter } from '../parts/filters.tsx';
import { Loading } from '../parts/loading.tsx';
import { Status } from '../parts/status.tsx';
import type { Column } from '../parts/table/column.ts';
import { Table } from '../parts/table/table.tsx';
import { Title } from '../parts/title.tsx';
import { TroubleNotice } from '../parts/trouble.tsx';
import { path, query } from '../route.ts';
import { usePages } from '../use-pages.ts';

const COLUMNS: readonly Column<RequestView>[] = [
  {
    key: 'request',
    head: 'Request',
    width_px: 90,
    names_row: true,
    card: 'title',
    cell: ({ id }) => (
      <a class="mono" href={`/requests/${id}`}>
        {id}
      </a>
    ),
  },
  { key: 'state', head: 'state', width_px: 110, card: 'beside', cell: ({ state }) => <Status word={state} /> },
  {
    key: 'wants',
    head: 'wants',
    card_head: '',
    width_px: 230,
    grows: 1,
    title: ({ expressions }) => expressions.join(', '),
    look: 'mono',
    cell: ({ expressions }) => expressions.join(', '),
  },
  {
    key: 'waited',
    head: 'waited',
    width_px: 112,
    gives_way: 4,
    align: 'right',
    card: 'half',
    cell: (request) =>
      request.state === 'waiting' ? <Age since={request.created_at} /> : formatDuration(request.waited_ms),
  },
  {
    key: 'run',
    head: 'run',
    width_px: 76,
    gives_way: 3,
    card: 'half',
    card_without: ({ run_id }) => run_id === null,
    cell: ({ run_id }) => (run_id === null ? '–' : <a href={`/runs/${run_id}`}>{run_id}</a>),
  },
  {
    key: 'nodes',
    head: 'nodes',
    width_px: 130,
    gives_way: 2,
    card: 'half',
    card_without: ({ node_ids }) => node_ids.length === 0,
    title: ({ node_ids }) => node_ids.join(' '),
    look: 'mono',
    cell: ({ node_ids }) =>
      node_ids.map((id) => (
        <Fragment key={id}>
          <a href={`/nodes/${id}`}>{id}</a>{' '}
        </Fragment>
      )),
  },
  { key: 'by', head: 'by', width_px: 120, gives_way: 1, card: 'half', cell: ({ requester }) => requester },
  {
    key: 'why',
    head: 'why',
    width_px: 150,
    grows: 1,
    card_head: '',
    card: 'two lines',
    card_without: ({ state, reason }) => state !== 'waiting' && reason === null,
    look: 'rest',
    title: ({ reason }) => reason ?? '',
    cell: ({ id, state, reason }) => (state === 'waiting' ? <a href={`/requests/${id}`}>why?</a> : reason),
  },
];

/** Who asked for nodes; those who wait first when the address says so. */
export function RequestsPage(): JSX.Element {
  const state = query.value.get('state') ?? undefined;
  const label = query.value.get('label') ?? undefined;
  const requests = usePages<RequestView>(
    `requests ${JSON.stringify([state, label])}`,
    async (page) => await api.call('listRequests', { query: { state, label, ...page } }),
    { channels: ['request', 'fleet', 'node'] },
  );
  const shown = requests.data;
  return (
    <>
      <Title text="Requests">
        <span class="quiet" role="status">
          {shown === null ? '' : `${shown.length.toLocaleString('en')}${requests.more ? ' and more' : ''}`}
        </span>
      </Title>
      <div class="filters">
        <Choice name="state" label="state" words={REQUEST_STATES} none="any" />
        <TextFilter name="label" label="label" />
        {query.value.size > 0 ? <a href={path.value}>all requests</a> : null}
      </div>
      {shown === null ? <Loading trouble={requests.trouble} /> : <TroubleNotice trouble={requests.trouble} />}
      {shown === null ? null : <RequestTable requests={shown} onEnd={requests.readMore} />}
    </>
  );
}

function RequestTable(properties: { requests: readonly RequestView[]; onEnd(): void }): JSX.Element {
  return (
    <Table
      columns={COLUMNS}
      rows={properties.requests}
      keyOf={(request) => request.id}
      empty={<NoRequest />}
      long={{ onEnd: properties.onEnd }}
    />
  );
}

function NoRequest(): JSX.Element {
  const waiting = query.value.get('state') === 'waiting';
  if (waiting && query.value.size === 1) return <p class="empty">Nobody waits for a node.</p>;
  if (query.value.size > 0) {
    return (
      <p class="empty">
        No request fits these filters. <a href={path.value}>All requests</a>
      </p>
    );
  }
  return (
    <Empty text="Nobody asked for a node yet. Submitting a job does:" command="npx groundcrew job submit job.yaml" />
  );
}
