import type { JSX } from 'preact';
import { formatDuration } from '../../../src/base/units.ts';
import type { RequestView } from '../../../src/protocol/api/fleet.ts';
import { REQUEST_STATES } from '../../../src/requests/state.ts';
import { api } from '../api.ts';
import { Age } from '../parts/age.tsx';
import { Empty } from '../parts/empty.tsx';
import { Choice, TextFilter } from '../parts/filters.tsx';
import { Loading } from '../parts/loading.tsx';
import { Status } from '../parts/status.tsx';
import { Title } from '../parts/title.tsx';
import { TroubleNotice } from '../parts/trouble.tsx';
import { VirtualTable } from '../parts/virtual-rows.tsx';
import { path, query } from '../route.ts';
import { usePages } from '../use-pages.ts';

const COLUMNS = [
  { name: 'Request', width_px: 90 },
  { name: 'state', width_px: 110 },
  { name: 'wants', width_px: 230 },
  { name: 'waited', width_px: 112, number: true },
  { name: 'run', width_px: 76 },
  { name: 'nodes', width_px: 130 },
  { name: 'by', width_px: 120 },
  { name: 'why', width_px: null },
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
  if (properties.requests.length === 0) {
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
  return (
    <VirtualTable
      columns={COLUMNS}
      items={properties.requests}
      keyOf={(request) => request.id}
      row={(request) => <RequestRow key={request.id} request={request} />}
      onEnd={properties.onEnd}
    />
  );
}

function RequestRow(properties: { request: RequestView }): JSX.Element {
  const { request } = properties;
  const waits = request.state === 'waiting';
  return (
    <tr data-row>
      <td>
        <a class="mono" href={`/requests/${request.id}`}>
          {request.id}
        </a>
      </td>
      <td>
        <Status word={request.state} />
      </td>
      <td class="mono">{request.expressions.join(', ')}</td>
      <td class="number">{waits ? <Age since={request.created_at} /> : formatDuration(request.waited_ms)}</td>
      <td>{request.run_id === null ? '–' : <a href={`/runs/${request.run_id}`}>{request.run_id}</a>}</td>
      <td class="mono">
        {request.node_ids.map((id) => (
          <>
            <a key={id} href={`/nodes/${id}`}>
              {id}
            </a>{' '}
          </>
        ))}
      </td>
      <td>{request.requester}</td>
      <td class="rest" title={request.reason ?? ''}>
        {waits ? <a href={`/requests/${request.id}`}>why?</a> : request.reason}
      </td>
    </tr>
  );
}
