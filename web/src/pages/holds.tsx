import type { JSX } from 'preact';
import type { HoldView } from '../../../src/protocol/api/fleet.ts';
import { api } from '../api.ts';
import { Left } from '../parts/age.tsx';
import { Command } from '../parts/command.tsx';
import { Empty } from '../parts/empty.tsx';
import { Loading } from '../parts/loading.tsx';
import type { Column } from '../parts/table/column.ts';
import { Table } from '../parts/table/table.tsx';
import { Title } from '../parts/title.tsx';
import { TroubleNotice } from '../parts/trouble.tsx';
import { useData } from '../use-data.ts';
import { HoldAction, ReleaseAction } from './node/actions.tsx';

/** Nodes kept for people: who, why, how long still, and the way in. */
export function HoldsPage(): JSX.Element {
  const { data, trouble, reload } = useData('holds', () => api.call('listHolds'), { channels: ['node'] });
  return (
    <>
      <Title text="Holds">
        <span class="quiet">{data === null ? '' : data.items.length}</span>
      </Title>
      {data === null ? <Loading trouble={trouble} /> : <TroubleNotice trouble={trouble} />}
      {data === null ? null : <HoldTable holds={data.items} onDone={reload} />}
    </>
  );
}

function HoldTable(properties: { holds: readonly HoldView[]; onDone(): void }): JSX.Element {
  const empty = (
    <Empty
      text="No node is held. A job with `on_failure: {hold: 8h}` keeps the machine on which it fails; or keep one by hand:"
      command="npx groundcrew node hold NODE --for 8h"
    />
  );
  return (
    <Table columns={columnsOf(properties.onDone)} rows={properties.holds} keyOf={(hold) => hold.id} empty={empty} />
  );
}

function columnsOf(onDone: () => void): readonly Column<HoldView>[] {
  return [
    {
      key: 'node',
      head: 'Node',
      width_px: 100,
      names_row: true,
      card: 'title',
      cell: ({ node_id }) => (
        <a class="mono" href={`/nodes/${node_id}`}>
          {node_id}
        </a>
      ),
    },
    { key: 'who', head: 'who', width_px: 80, card: 'beside', cell: ({ owner }) => owner },
    { key: 'why', head: 'why', card_head: '', width_px: 180, grows: 1, look: 'break', cell: ({ reason }) => reason },
    {
      key: 'run',
      head: 'run',
      width_px: 56,
      gives_way: 1,
      card: 'half',
      card_without: ({ run_id }) => run_id === null,
      cell: ({ run_id }) => (run_id === null ? '–' : <a href={`/runs/${run_id}`}>{run_id}</a>),
    },
    {
      key: 'left',
      head: 'left',
      width_px: 96,
      align: 'right',
      card: 'half',
      cell: ({ expires_at }) => <Left until={expires_at} />,
    },
    {
      key: 'shell',
      head: 'shell',
      card_head: '',
      width_px: 350,
      gives_way: 2,
      cell: ({ shell_command }) => <Command text={shell_command} />,
    },
    {
      key: 'actions',
      head: 'Actions',
      head_heard: true,
      width_px: 180,
      look: 'actions',
      cell: (hold) => (
        <>
          <HoldAction action="extend" node={held(hold)} onDone={onDone} />
          <ReleaseAction node={held(hold)} onDone={onDone} />
        </>
      ),
    },
  ];
}

function held({ node_id, owner }: HoldView): { id: string; state: string; owner: string } {
  return { id: node_id, state: 'held', owner };
}
