import type { JSX } from 'preact';
import { NODE_STATES } from '../../../../src/nodes/state.ts';
import type { NodeView } from '../../../../src/protocol/api/fleet.ts';
import { api } from '../../api.ts';
import { Age } from '../../parts/age.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Choice, TextFilter } from '../../parts/filters.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Status } from '../../parts/status.tsx';
import type { Column } from '../../parts/table/column.ts';
import { Table } from '../../parts/table/table.tsx';
import { Title } from '../../parts/title.tsx';
import { TroubleNotice } from '../../parts/trouble.tsx';
import { path, query, withQuery } from '../../route.ts';
import { useData } from '../../use-data.ts';
import { usePages } from '../../use-pages.ts';

const COLUMNS: readonly Column<NodeView>[] = [
  {
    key: 'node',
    head: 'Node',
    width_px: 100,
    names_row: true,
    card: 'title',
    cell: (node) => (
      <a class="mono" href={`/nodes/${node.id}`}>
        {node.id}
      </a>
    ),
  },
  {
    key: 'state',
    head: 'state',
    width_px: 110,
    card: 'beside',
    cell: (node) => (
      <a href={withQuery({ state: node.state })}>
        <Status word={node.state} />
      </a>
    ),
  },
  {
    key: 'for',
    head: 'for',
    width_px: 106,
    gives_way: 4,
    align: 'right',
    card: 'beside',
    cell: (node) => <Age since={node.state_since} />,
  },
  {
    key: 'provider',
    head: 'provider',
    width_px: 112,
    gives_way: 1,
    card: 'half',
    cell: (node) => <a href={withQuery({ provider: node.provider })}>{node.provider}</a>,
  },
  {
    key: 'run',
    head: 'run',
    width_px: 64,
    gives_way: 3,
    card: 'half',
    card_without: ({ run_id }) => run_id === null,
    cell: ({ run_id }) => (run_id === null ? <span class="quiet">–</span> : <a href={`/runs/${run_id}`}>{run_id}</a>),
  },
  {
    key: 'labels',
    head: 'labels',
    card_head: '',
    width_px: 204,
    title: ({ labels }) => labels.join(' '),
    gives_way: 2,
    look: 'labels',
    cell: (node) =>
      node.labels.map((label) => (
        <a key={label} href={withQuery({ label })}>
          {label}
        </a>
      )),
  },
  {
    key: 'why',
    head: 'why',
    width_px: 260,
    grows: 1,
    card_head: '',
    card: 'two lines',
    look: 'rest',
    title: whyIt,
    cell: (node) => (
      <span class="whole-words">
        {node.fault === null ? null : <span class="odd">{node.fault}: </span>}
        {whyIt(node)}
      </span>
    ),
  },
];

/** Why it is as it is: its end before its hold, and that before what it was made for. */
function whyIt({ end_reason, hold_reason, plan_reason }: NodeView): string {
  return end_reason ?? hold_reason ?? plan_reason;
}

/** Nodes, newest first, as the address filters them. */
export function NodesPage(): JSX.Element {
  const [state, label, provider, type] = ['state', 'label', 'provider', 'type'].map(
    (key) => query.value.get(key) ?? undefined,
  );
  const filter = { state, label, provider, node_type: type };
  const nodes = usePages<NodeView>(
    `nodes ${JSON.stringify(filter)}`,
    async (page) => await api.call('listNodes', { query: { ...filter, ...page } }),
    { channels: ['node', 'fleet'] },
  );
  const fleet = useData('fleet', () => api.call('getFleet'), { channels: [] });
  const count = nodes.data === null ? '' : `${nodes.data.length.toLocaleString('en')}${nodes.more ? ' and more' : ''}`;
  return (
    <>
      <Title text="Nodes">
        <span class="quiet" role="status">
          {count}
        </span>
      </Title>
      <div class="filters">
        <Choice name="state" label="state" words={NODE_STATES} none="all but deleted" />
        <Choice
          name="provider"
          label="provider"
          words={fleet.data?.providers.map((row) => row.provider) ?? []}
          none="any"
        />
        <Choice
          name="type"
          label="type"
          words={[...new Set(fleet.data?.pools.map((row) => row.node_type) ?? [])]}
          none="any"
        />
        <TextFilter name="label" label="label" />
        {query.value.size > 0 ? <a href={path.value}>all nodes</a> : null}
      </div>
      {nodes.data === null ? <Loading trouble={nodes.trouble} /> : <TroubleNotice trouble={nodes.trouble} />}
      {nodes.data === null ? null : <NodeTable nodes={nodes.data} onEnd={nodes.readMore} />}
    </>
  );
}

function NodeTable(properties: { nodes: readonly NodeView[]; onEnd(): void }): JSX.Element {
  const empty =
    query.value.size > 0 ? (
      <p class="empty">
        No node fits these filters. <a href={path.value}>All nodes</a>
      </p>
    ) : (
      <Empty
        text="There are no nodes now. Work brings them, and so do labels that are kept ready:"
        command="npx groundcrew job submit job.yaml"
      />
    );
  return (
    <Table
      columns={COLUMNS}
      rows={properties.nodes}
      keyOf={(node) => node.id}
      empty={empty}
      long={{ onEnd: properties.onEnd }}
    />
  );
}
