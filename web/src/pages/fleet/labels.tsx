import type { JSX } from 'preact';
import { formatDuration } from '../../../../src/base/units.ts';
import { COMING_STATES } from '../../../../src/nodes/state.ts';
import type { FleetView } from '../../../../src/protocol/api/fleet.ts';
import { link } from '../../match.ts';
import { Bar, BarLegend } from '../../parts/bar.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Count } from '../../parts/number.tsx';
import { Sparkline } from '../../parts/sparkline.tsx';
import type { Column } from '../../parts/table/column.ts';
import { Table } from '../../parts/table/table.tsx';

type LabelRow = FleetView['labels'][number];

/** Labels that wait or are short of their target come first. */
function byNeed(left: LabelRow, right: LabelRow): number {
  const need = (row: LabelRow): number => row.waiting * 1000 + Math.max(0, row.target - row.ready - row.coming);
  return need(right) - need(left) || left.label.localeCompare(right.label);
}

const COLUMNS: readonly Column<LabelRow>[] = [
  {
    key: 'label',
    head: 'Label',
    width_px: 100,
    names_row: true,
    card: 'title',
    cell: ({ label }) => <a href={link('/nodes', { label })}>{label}</a>,
  },
  {
    key: 'bar',
    head: 'Ready of target',
    head_heard: true,
    width_px: 140,
    gives_way: 2,
    card: 'none',
    cell: ({ target, ready, coming }) => (
      <Bar
        whole={target}
        parts={[
          ['ready', ready],
          ['launching', coming],
        ]}
      />
    ),
  },
  { ...number('target', 66), cell: ({ target }) => target.toLocaleString('en') },
  {
    ...number('ready', 66),
    cell: ({ label, ready }) => (
      <Count value={ready} to={nodes(label, 'ready')} label={`ready nodes of ${label}`} look="good" />
    ),
  },
  {
    ...number('launching', 88),
    cell: ({ label, coming }) => (
      <Count value={coming} to={nodes(label, COMING_STATES.join())} label={`launching nodes of ${label}`} />
    ),
  },
  {
    ...number('in use', 70),
    cell: ({ label, used }) => (
      <Count value={used} to={nodes(label, 'assigned,running')} label={`nodes of ${label} in use`} />
    ),
  },
  {
    ...number('held', 60),
    cell: ({ label, held }) => (
      <Count value={held} to={nodes(label, 'held')} label={`held nodes of ${label}`} look="held" />
    ),
  },
  {
    ...number('waiting', 78),
    cell: ({ label, waiting }) => (
      <Count value={waiting} to={requests(label)} label={`requests waiting for ${label}`} look="bad" />
    ),
  },
  {
    key: 'why',
    card_without: ({ waiting }) => waiting === 0,
    head: 'Why they wait',
    head_heard: true,
    width_px: 56,
    card: 'beside',
    cell: ({ label, waiting }) => (waiting > 0 ? <a href={requests(label)}>why?</a> : null),
  },
  {
    ...number('wait p95', 92),
    gives_way: 3,
    card_without: ({ wait_p95_ms }) => wait_p95_ms === null,
    card: 'half',
    meaning: 'nineteen of twenty requests of the last hour waited no longer',
    cell: ({ wait_p95_ms }) => (wait_p95_ms === null ? <span class="quiet">–</span> : formatDuration(wait_p95_ms)),
  },
  {
    key: 'last hour',
    head: 'last hour',
    width_px: 160,
    gives_way: 1,
    grows: 1,
    card: 'none',
    meaning: 'how long requests waited, in parts of five minutes',
    cell: ({ label, wait_p95_ms, waits_last_hour }) => (
      <Sparkline
        values={waits_last_hour}
        label={`waits for ${label} in the last hour, 95 % within ${wait_p95_ms === null ? '–' : formatDuration(wait_p95_ms)}`}
      />
    ),
  },
];

function number(
  head: string,
  width_px: number,
): Pick<Column<LabelRow>, 'key' | 'head' | 'width_px' | 'align' | 'card'> {
  return { key: head, head, width_px, align: 'right', card: 'third' };
}

function nodes(label: string, state: string): string {
  return link('/nodes', { label, state });
}

function requests(label: string): string {
  return link('/requests', { state: 'waiting', label });
}

/** What work asks for: the target, what is there, and who waits. */
export function LabelTable(properties: { labels: FleetView['labels'] }): JSX.Element {
  const caption = (
    <>
      Labels{' '}
      <BarLegend
        parts={[
          ['ready', 'ready'],
          ['launching', 'launching'],
        ]}
        rest="missing to the target"
      />
    </>
  );
  const empty = (
    <Empty
      text="No label is kept warm. Say `ready: 3` for one in the configuration, and look at it with:"
      command="npx groundcrew config check groundcrew.yaml"
    />
  );
  return (
    <Table
      columns={COLUMNS}
      rows={properties.labels.toSorted(byNeed)}
      keyOf={({ label }) => label}
      caption={caption}
      empty={empty}
    />
  );
}
