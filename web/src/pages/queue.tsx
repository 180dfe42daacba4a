import type { JSX } from 'preact';
import { formatDuration } from '../../../src/base/units.ts';
import type { Operations } from '../../../src/protocol/client.generated.ts';
import { api } from '../api.ts';
import { Action } from '../parts/action.tsx';
import { Age } from '../parts/age.tsx';
import { Loading } from '../parts/loading.tsx';
import type { Column } from '../parts/table/column.ts';
import { Table } from '../parts/table/table.tsx';
import { Title } from '../parts/title.tsx';
import { TroubleNotice } from '../parts/trouble.tsx';
import { useData } from '../use-data.ts';
import { whyNot } from '../who.ts';

type Lane = Operations['getQueue']['answer']['items'][number];
type DeadItem = Operations['listDeadItems']['answer']['items'][number];

const LANE_COLUMNS: readonly Column<Lane>[] = [
  { key: 'lane', head: 'Lane', width_px: 120, names_row: true, card: 'title', cell: ({ lane }) => lane },
  { key: 'waiting', head: 'waiting', width_px: 80, align: 'right', card: 'third', cell: ({ waiting }) => waiting },
  { key: 'running', head: 'running', width_px: 80, align: 'right', card: 'third', cell: ({ running }) => running },
  {
    key: 'dead',
    head: 'dead',
    width_px: 70,
    align: 'right',
    card: 'third',
    cell: ({ dead }) => (dead === 0 ? 0 : <strong class="bad">✗ {dead}</strong>),
  },
  {
    key: 'oldest',
    head: 'oldest waits',
    width_px: 120,
    gives_way: 1,
    align: 'right',
    card_without: ({ oldest_waiting_ms }) => oldest_waiting_ms === null,
    cell: ({ oldest_waiting_ms }) =>
      oldest_waiting_ms === null ? <span class="quiet">–</span> : formatDuration(oldest_waiting_ms),
  },
];

function deadColumns(onDone: () => void): readonly Column<DeadItem>[] {
  return [
    {
      key: 'item',
      head: 'Item',
      width_px: 70,
      names_row: true,
      align: 'right',
      card: 'title',
      cell: ({ id }) => id,
    },
    { key: 'kind', head: 'kind', width_px: 110, card: 'beside', cell: ({ kind }) => kind },
    { key: 'about', head: 'about', width_px: 130, gives_way: 2, look: 'mono break', cell: ({ key }) => key },
    { key: 'why', head: 'why', card_head: '', width_px: 180, grows: 1, look: 'break', cell: ({ error }) => error },
    {
      key: 'since',
      head: 'since',
      width_px: 96,
      gives_way: 1,
      card: 'beside',
      cell: ({ died_at }) => (died_at === null ? '–' : <Age since={died_at} />),
    },
    {
      key: 'actions',
      head: 'Actions',
      head_heard: true,
      width_px: 90,
      look: 'actions',
      cell: ({ id }) => (
        <Action
          name="Retry"
          why_not={whyNot('operator')}
          question={`Have work item ${id} tried again?`}
          command={`npx groundcrew queue retry ${id}`}
          act={async () => await api.call('retryDeadItem', { path: { id } })}
          onDone={onDone}
        />
      ),
    },
  ];
}

/** What the workers have before them, by lane. */
export function QueuePage(): JSX.Element {
  const { data, trouble } = useData('queue', () => api.call('getQueue'), { channels: ['queue'] });
  return (
    <>
      <Title text="Queue">
        <span class="quiet">what workers do with results: fetch, read, process, tell</span>
      </Title>
      {data === null ? <Loading trouble={trouble} /> : <TroubleNotice trouble={trouble} />}
      {data === null ? null : (
        <Table columns={LANE_COLUMNS} rows={data.items} keyOf={({ lane }) => lane} stops={false} />
      )}
      <DeadItems />
    </>
  );
}

/** What failed for good, and why; nothing at all while there is none. */
function DeadItems(): JSX.Element | null {
  const { data, trouble, reload } = useData('dead', () => api.call('listDeadItems'), { channels: ['queue'] });
  if (data === null) return trouble === null ? null : <TroubleNotice trouble={trouble} />;
  if (data.items.length === 0) return null;
  return (
    <section>
      <h2>Dead</h2>
      <p class="quiet">Given up after many tries. Mend the cause, then have them tried once more.</p>
      <Table columns={deadColumns(reload)} rows={data.items} keyOf={({ id }) => id} />
    </section>
  );
}
