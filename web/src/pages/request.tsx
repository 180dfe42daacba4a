import { Fragment, type JSX } from 'preact';
import type { RequestDetail } from '../../../src/protocol/api/fleet.ts';
import { api } from '../api.ts';
import { Age } from '../parts/age.tsx';
import { Command } from '../parts/command.tsx';
import { Loading } from '../parts/loading.tsx';
import { Status } from '../parts/status.tsx';
import type { Column } from '../parts/table/column.ts';
import { Table } from '../parts/table/table.tsx';
import { Title } from '../parts/title.tsx';
import { TroubleNotice } from '../parts/trouble.tsx';
import { useData } from '../use-data.ts';

const COLUMNS: readonly Column<RequestDetail['explanation']['lines'][number]>[] = [
  { key: 'provider', head: 'Provider', width_px: 110, names_row: true, card: 'title', cell: ({ subject }) => subject },
  {
    key: 'says',
    head: 'what it says',
    card_head: '',
    width_px: 220,
    grows: 1,
    look: 'break',
    cell: ({ text }) => text,
  },
];

/** One request: why it waits, provider by provider, or how it ended. */
export function RequestPage(properties: { id: string }): JSX.Element {
  const { id } = properties;
  const { data, trouble } = useData(`request ${id}`, () => api.call('getRequest', { path: { id } }), {
    channels: ['request', 'fleet', 'node'],
  });
  return (
    <>
      <Title text={id}>{data === null ? null : <Status word={data.request.state} />}</Title>
      {data === null ? (
        <Loading trouble={trouble} />
      ) : (
        <>
          <TroubleNotice trouble={trouble} />
          <RequestBody detail={data} />
        </>
      )}
    </>
  );
}

function RequestBody(properties: { detail: RequestDetail }): JSX.Element {
  const { request, explanation } = properties.detail;
  return (
    <>
      <p class="sentence">{explanation.sentence}</p>
      {explanation.lines.length === 0 ? null : (
        <Table
          columns={COLUMNS}
          rows={explanation.lines}
          keyOf={({ subject }) => subject}
          caption="Why, provider by provider"
          caption_heard
          stops={false}
        />
      )}
      {explanation.decision === null || explanation.sentence.includes(explanation.decision.sentence) ? null : (
        <p>{explanation.decision.sentence}</p>
      )}
      {explanation.expected === null ? null : <p>{explanation.expected}</p>}
      <h2>Request</h2>
      <dl class="facts">
        <dt>wants</dt>
        <dd class="mono">{request.expressions.join(', ')}</dd>
        <dt>asked</dt>
        <dd>
          <Age since={request.created_at} /> ago, by {request.requester}
        </dd>
        <dt>priority</dt>
        <dd>{request.priority}</dd>
        <dt>run</dt>
        <dd>{request.run_id === null ? '–' : <a href={`/runs/${request.run_id}`}>{request.run_id}</a>}</dd>
        <dt>nodes</dt>
        <dd class="mono">
          {request.node_ids.length === 0
            ? '–'
            : request.node_ids.map((id) => (
                <Fragment key={id}>
                  <a href={`/nodes/${id}`}>{id}</a>{' '}
                </Fragment>
              ))}
        </dd>
      </dl>
      <p class="quiet">
        The same from a terminal: <Command text={`npx groundcrew request explain ${request.id}`} />
      </p>
    </>
  );
}
