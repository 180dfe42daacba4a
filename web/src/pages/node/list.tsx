import type { JSX } from 'preact';
import { NODE_STATES } from '../../../../src/nodes/state.ts';
import type { NodeView } from '../../../../src/protocol/api/fleet.ts';
import { api } from '../../api.ts';
import { Age } from '../../parts/age.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Choice, TextFilter } from '../../parts/filters.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Status } from '../../parts/status.tsx';
import { Title } from '../../parts/title.tsx';
import { TroubleNotice } from '../../parts/trouble.tsx';
import { VirtualTable } from '../../parts/virtual-rows.tsx';
import { path, query, withQuery } from '../../route.ts';
import { useData } from '../../use-data.ts';
import { usePages } from '../../use-pages.ts';

const COLUMNS = [
  { name: 'Node', width_px: 100 },
  { name: 'state', width_px: 110 },
  { name: 'for', width_px: 106, number: true },
  { name: 'provider', width_px: 112 },
  { name: 'labels', width_px: 204 },
  { name: 'run', width_px: 64 },
  { name: 'why', width_px: null },
];

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
  if (properties.nodes.length === 0) {
    return query.value.size > 0 ? (
      <p class="empty">
        No node fits these filters. <a href={path.value}>All nodes</a>
      </p>
    ) : (
      <Empty
        text="There are no nodes now. Work brings them, and so do labels that are kept ready:"
        command="npx groundcrew job submit job.yaml"
      />
    );
  }
  return (
    <VirtualTable
      columns={COLUMNS}
      items={properties.nodes}
      keyOf={(node) => node.id}
      row={(node) => <NodeRow key={node.id} node={node} />}
      onEnd={properties.onEnd}
    />
  );
}

function NodeRow(properties: { node: NodeView }): JSX.Element {
  const { node } = properties;
  const why = node.end_reason ?? node.hold_reason ?? node.plan_reason;
  return (
    <tr data-row>
      <td>
        <a class="mono" href={`/nodes/${node.id}`}>
          {node.id}
        </a>
      </td>
      <td>
        <a href={withQuery({ state: node.state })}>
          <Status word={node.state} />
        </a>
      </td>
      <td class="number">
        <Age since={node.state_since} />
      </td>
      <td>
        <a href={withQuery({ provider: node.provider })}>{node.provider}</a>
      </td>
      <td class="labels">
        {node.labels.map((label) => (
          <a key={label} href={withQuery({ label })}>
            {label}
          </a>
        ))}
      </td>
      <td>
        {node.run_id === null ? <span class="quiet">–</span> : <a href={`/runs/${node.run_id}`}>{node.run_id}</a>}
      </td>
      <td class="rest" title={why}>
        <span class="whole-words">
          {node.fault === null ? null : <span class="odd">{node.fault}: </span>}
          {why}
        </span>
      </td>
    </tr>
  );
}
