import type { JSX } from 'preact';
import { formatDuration } from '../../../../src/base/units.ts';
import type { NodeDetail } from '../../../../src/protocol/api/fleet.ts';
import { Moment } from '../../parts/age.tsx';
import { Status } from '../../parts/status.tsx';
import type { Column } from '../../parts/table/column.ts';
import { Table } from '../../parts/table/table.tsx';

const CHECK_COLUMNS: readonly Column<NodeDetail['preflight'][number]>[] = [
  { key: 'check', head: 'Check', width_px: 90, names_row: true, card: 'title', cell: ({ name }) => name },
  {
    key: 'outcome',
    head: 'outcome',
    width_px: 100,
    card: 'beside',
    cell: ({ outcome, tries }) => (
      <>
        <Status word={outcome} />
        {tries > 1 ? <span class="quiet"> after {tries} tries</span> : null}
      </>
    ),
  },
  {
    key: 'took',
    head: 'took',
    width_px: 86,
    align: 'right',
    card: 'beside',
    cell: ({ duration_ms }) => formatDuration(duration_ms),
  },
  {
    key: 'said',
    head: 'said',
    card_head: '',
    card_without: ({ detail }) => detail === '',
    width_px: 110,
    grows: 1,
    look: 'break',
    cell: ({ detail }) => detail,
  },
];

/** The checks that its agent made before any work, and what they said. */
export function Preflight(properties: { tasks: NodeDetail['preflight'] }): JSX.Element {
  return (
    <div>
      <h2>Pre-flight</h2>
      <Table
        columns={CHECK_COLUMNS}
        rows={properties.tasks}
        keyOf={({ name }) => name}
        empty={<p class="quiet">Its agent has not reported any checks yet.</p>}
        stops={false}
      />
    </div>
  );
}

const EVENT_COLUMNS: readonly Column<NodeDetail['events'][number]>[] = [
  { key: 'at', head: 'At', width_px: 90, card: 'title', cell: ({ at }) => <Moment at={at} /> },
  { key: 'state', head: 'state', width_px: 110, card: 'beside', cell: ({ state }) => <Status word={state} /> },
  {
    key: 'by',
    head: 'by',
    width_px: 90,
    gives_way: 1,
    card: 'beside',
    look: 'quiet',
    cell: ({ actor }) => actor,
  },
  { key: 'why', head: 'why', card_head: '', width_px: 200, grows: 1, look: 'break', cell: ({ reason }) => reason },
];

/** What became of it, and why. */
export function Story(properties: { events: NodeDetail['events'] }): JSX.Element {
  return (
    <>
      <h2>Story</h2>
      <Table columns={EVENT_COLUMNS} rows={properties.events} keyOf={(_event, index) => index} stops={false} />
    </>
  );
}
