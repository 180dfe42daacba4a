import type { JSX } from 'preact';
import { formatDuration } from '../../../../src/base/units.ts';
import { COMING_STATES, type NodeState } from '../../../../src/nodes/state.ts';
import type { FleetView } from '../../../../src/protocol/api/fleet.ts';
import { momentOf, now_ms } from '../../clock.ts';
import { link } from '../../match.ts';
import { Age, Left } from '../../parts/age.tsx';
import { Bar, BarLegend } from '../../parts/bar.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Count, Share } from '../../parts/number.tsx';
import { Status } from '../../parts/status.tsx';
import type { Column } from '../../parts/table/column.ts';
import { Table } from '../../parts/table/table.tsx';

type ProviderRow = FleetView['providers'][number];

/** The parts of a provider's bar: the word that colours each, what it is called, and its states. */
const PARTS: readonly { word: string; name: string; states: readonly NodeState[] }[] = [
  { word: 'ready', name: 'ready', states: ['ready'] },
  { word: 'launching', name: 'launching', states: COMING_STATES },
  { word: 'running', name: 'in use', states: ['assigned', 'running'] },
  { word: 'held', name: 'held', states: ['held'] },
  { word: 'deleting', name: 'being deleted', states: ['deleting'] },
];

/** What is wrong comes first. */
const RANK: readonly ProviderRow['state'][] = ['broken', 'failing', 'paused', 'ok'];

const COLUMNS = {
  provider: {
    key: 'provider',
    head: 'Provider',
    width_px: 150,
    names_row: true,
    card: 'title',
    cell: ({ provider, driver }) => (
      <>
        <a href={link('/nodes', { provider })}>{provider}</a> <span class="quiet">{driver}</span>
      </>
    ),
  },
  state: { key: 'state', head: 'state', width_px: 90, card: 'beside', cell: ({ state }) => <Status word={state} /> },
  nodes_bar: {
    key: 'nodes bar',
    head: 'Nodes by state',
    head_heard: true,
    width_px: 140,
    gives_way: 2,
    card: 'none',
    cell: (row) => <NodesBar row={row} />,
  },
  nodes: {
    key: 'nodes',
    head: 'nodes of limit',
    width_px: 112,
    align: 'right',
    card: 'half',
    cell: ({ provider, nodes, limit }) => (
      <>
        <Count value={nodes} to={link('/nodes', { provider })} label={`nodes at ${provider}`} />
        <Limit limit={limit} />
      </>
    ),
  },
  cores_bar: {
    key: 'cores bar',
    head: 'Cores in use',
    head_heard: true,
    width_px: 140,
    gives_way: 1,
    card: 'none',
    cell: ({ cores, limit_cores }) =>
      limit_cores === null ? null : <Bar parts={[['running', cores]]} words={['cores in use']} whole={limit_cores} />,
  },
  cores: {
    key: 'cores',
    head: 'cores of limit',
    width_px: 112,
    gives_way: 5,
    align: 'right',
    card: 'half',
    card_without: ({ cores, limit_cores }) => cores === 0 && limit_cores === null,
    cell: ({ cores, limit_cores }) => (
      <>
        {cores === 0 && limit_cores === null ? <span class="quiet">–</span> : cores.toLocaleString('en')}
        <Limit limit={limit_cores} />
      </>
    ),
  },
  launch: {
    key: 'launch',
    head: 'launch p50',
    width_px: 92,
    gives_way: 3,
    align: 'right',
    card: 'half',
    cell: ({ launch_p50_ms }) =>
      launch_p50_ms === null ? <span class="quiet">–</span> : formatDuration(launch_p50_ms),
  },
  success: {
    key: 'success',
    head: 'success 24 h',
    card_head: 'success',
    width_px: 110,
    gives_way: 4,
    card: 'half',
    cell: (row) => <Share part={row.launches_ok} of={row.launches_ok + row.launches_failed} noun="launches" />,
  },
  times: {
    key: 'times',
    head: 'since, next try',
    card_head: '',
    card_without: (row) => Object.values(timesOf(row)).every((time) => time === null),
    width_px: 180,
    grows: 1,
    look: 'break quiet',
    cell: (row) => <Times row={row} />,
  },
} as const satisfies Readonly<Record<string, Column<ProviderRow>>>;

/** Cores where a node type says what it takes, and times while something goes badly. */
function columnsFor(rows: readonly ProviderRow[]): readonly Column<ProviderRow>[] {
  const { provider, state, nodes_bar, nodes, cores_bar, cores, launch, success, times } = COLUMNS;
  const sized = rows.some((row) => row.cores > 0 || row.limit_cores !== null);
  const troubled = rows.some((row) => row.state !== 'ok' || Object.values(timesOf(row)).some((time) => time !== null));
  const of_cores = sized ? [cores_bar, cores] : [];
  return [provider, state, nodes_bar, nodes, ...of_cores, launch, success, ...(troubled ? [times] : [])];
}

/** Where nodes come from: how full, how quick, how often it works. */
export function ProviderTable(properties: { providers: FleetView['providers'] }): JSX.Element {
  const { providers } = properties;
  const caption = (
    <>
      <span>Providers</span> <BarLegend parts={PARTS.map(({ word, name }) => [word, name])} rest="free to the limit" />
    </>
  );
  const empty = (
    <Empty
      text="No provider is configured. Describe one, and look at it with:"
      command="npx groundcrew config check groundcrew.yaml"
    />
  );
  return (
    <Table
      columns={columnsFor(providers)}
      rows={providers.toSorted((left, right) => RANK.indexOf(left.state) - RANK.indexOf(right.state))}
      keyOf={({ provider }) => provider}
      caption={caption}
      empty={empty}
    />
  );
}

function NodesBar(properties: { row: ProviderRow }): JSX.Element {
  const { by_state, limit } = properties.row;
  const parts = PARTS.map(({ word, states }) => {
    return [word, states.reduce((sum, state) => sum + (by_state[state] ?? 0), 0)] as const;
  });
  return <Bar parts={parts} words={PARTS.map(({ name }) => name)} {...(limit === null ? {} : { whole: limit })} />;
}

function Limit(properties: { limit: number | null }): JSX.Element {
  const { limit } = properties;
  return <span class="quiet">{limit === null ? '' : ` / ${limit.toLocaleString('en')}`}</span>;
}

/** Since when it goes badly there, and when it is tried again, if that is still to come. */
function timesOf({ since, next_try_at }: ProviderRow): { since: string | null; again: string | null } {
  return { since, again: next_try_at !== null && momentOf(next_try_at) > now_ms() ? next_try_at : null };
}

function Times(properties: { row: ProviderRow }): JSX.Element | null {
  const { since, again } = timesOf(properties.row);
  if (since === null && again === null) return null;
  return (
    <>
      {since === null ? null : (
        <>
          for <Age since={since} />
        </>
      )}
      {since !== null && again !== null ? ', ' : null}
      {again === null ? null : (
        <>
          next try in <Left until={again} />
        </>
      )}
    </>
  );
}
