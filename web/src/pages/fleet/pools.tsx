import type { JSX } from 'preact';
import { LIVE_STATES } from '../../../../src/nodes/state.ts';
import type { FleetView } from '../../../../src/protocol/api/fleet.ts';
import { link } from '../../match.ts';
import { Empty } from '../../parts/empty.tsx';
import { Count } from '../../parts/number.tsx';
import { lookOf } from '../../parts/status.tsx';
import type { Column } from '../../parts/table/column.ts';
import { Table } from '../../parts/table/table.tsx';

type PoolRow = FleetView['pools'][number];

/** Pools × states: every number leads to its nodes. */
export function PoolTable(properties: { pools: FleetView['pools']; observing: boolean }): JSX.Element {
  const { pools, observing } = properties;
  const empty = observing ? (
    <p class="empty">No node exists, since this deployment only observes.</p>
  ) : (
    <Empty
      text="No node exists yet. Labels with `ready:` are kept warm; work brings nodes too:"
      command="npx groundcrew job submit job.yaml"
    />
  );
  return (
    <Table
      columns={columnsFor(pools)}
      rows={pools}
      keyOf={({ provider, node_type }) => `${provider}/${node_type}`}
      caption="Pools (node types)"
      empty={empty}
    />
  );
}

/** States in which no pool has a node give way to the others. */
function columnsFor(pools: readonly PoolRow[]): readonly Column<PoolRow>[] {
  return [
    {
      key: 'node type',
      head: 'Node type',
      width_px: 110,
      names_row: true,
      card: 'title',
      title: ({ labels }) => labels.join(', '),
      cell: ({ provider, node_type }) => <a href={link('/nodes', { provider, type: node_type })}>{node_type}</a>,
    },
    {
      key: 'provider',
      head: 'Provider',
      width_px: 90,
      card: 'beside',
      look: 'quiet',
      cell: ({ provider }) => provider,
    },
    ...LIVE_STATES.map(
      (state): Column<PoolRow> => ({
        key: state,
        head: state,
        width_px: 84,
        ...(pools.some(({ by_state }) => by_state[state]) ? {} : { gives_way: 1 }),
        align: 'right',
        card: 'third',
        card_without: ({ by_state }) => !by_state[state],
        cell: ({ provider, node_type, by_state }) => (
          <Count
            value={by_state[state] ?? 0}
            to={link('/nodes', { provider, type: node_type, state })}
            label={`${state} nodes of ${node_type} at ${provider}`}
            look={lookOf(state)}
          />
        ),
      }),
    ),
  ];
}
