import type { ComponentChildren, JSX } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import type { Column } from './column.ts';
import { type Layout, layoutOf, widthsOf } from './layout.ts';
import { LongRows } from './long-rows.tsx';
import { type RowLook, TableRow } from './row.tsx';
import { useRoom } from './use-room.ts';

interface TableProperties<Row> {
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  keyOf(row: Row, index: number): string | number;
  /** What it is of, above it. */
  readonly caption?: ComponentChildren;
  /** The caption is heard only. */
  readonly caption_heard?: boolean;
  /** Stands in place of a table without rows; without it a table has some. */
  readonly empty?: JSX.Element;
  /** The keys j and k stop at its rows; they do unless this says no. */
  readonly stops?: boolean;
  /** As wide as what is in it, where others take all the room there is. */
  readonly as_content?: boolean;
  /** Its columns are of one kind and compared with each other: it never becomes cards. */
  readonly matrix?: boolean;
  readonly class?: string;
  /**
   * It may have any number of rows: their heights are known, columns have their exact width, and only rows near the
   * window exist. Columns and `keyOf` are then the same at every call.
   */
  readonly long?: { /** The last rows come into view. */ onEnd(): void };
}

/**
 * The table of every page: columns are data. Where the room is too little for all of them, some give way, and in very
 * little room each row becomes a card (see layout.ts). The head stays at the top of the window.
 */
export function Table<Row extends object>(properties: TableProperties<Row>): JSX.Element {
  const { rows, empty } = properties;
  if (rows.length === 0 && empty !== undefined) return empty;
  return <FilledTable {...properties} />;
}

function FilledTable<Row extends object>(properties: TableProperties<Row>): JSX.Element {
  const { rows, keyOf, long } = properties;
  const frame = useRef<HTMLDivElement>(null);
  const room_px = useRoom(frame);
  const layout = layoutOf(properties.columns, room_px, properties.matrix);
  const look = useLook(properties, layout);
  const cards = look.cards;
  const kind = long === undefined ? (properties.as_content ? 'as-content' : '') : 'long';
  return (
    <div class="table-frame" ref={frame}>
      <table
        class={`${kind} ${properties.class ?? ''}`.trim()}
        data-layout={layout.kind}
        role={cards ? 'table' : undefined}
        aria-rowcount={long === undefined ? undefined : rows.length + 1}
      >
        {properties.caption === undefined ? null : (
          <caption class={properties.caption_heard ? 'offscreen' : ''}>{properties.caption}</caption>
        )}
        {long === undefined || cards ? null : <Widths columns={look.columns} room_px={room_px} />}
        <Head look={look} />
        {long === undefined ? (
          <tbody role={cards ? 'rowgroup' : undefined}>
            {rows.map((row, index) => (
              <TableRow key={keyOf(row, index)} row={row} look={look} />
            ))}
          </tbody>
        ) : (
          <LongRows rows={rows} look={look} keyOf={(row) => keyOf(row, -1)} onEnd={long.onEnd} />
        )}
      </table>
    </div>
  );
}

/** The same look for as long as nothing of it changes, since every row of a long table is made for one. */
function useLook<Row>(properties: TableProperties<Row>, layout: Layout): RowLook<Row> {
  const { columns, long, as_content, stops = true } = properties;
  return useMemo(() => {
    const shown = columns.filter(({ key }) => layout.shown.includes(key));
    const cards = layout.kind === 'cards';
    const grows = shown.some((column) => column.grows !== undefined);
    const filler = !(cards || grows || as_content || long !== undefined);
    return { columns: shown, cards, stops, filler, long: long !== undefined };
  }, [columns, layout.kind, layout.shown.join(), long === undefined, as_content, stops]);
}

/** Fixed, so that nothing moves when other rows come into view. */
function Widths<Row>(properties: { columns: readonly Column<Row>[]; room_px: number }): JSX.Element {
  const widths_px = widthsOf(properties.columns, properties.room_px);
  return (
    <colgroup>
      {properties.columns.map(({ key }, index) => (
        <col key={key} style={{ width: `${widths_px[index]}px` }} />
      ))}
    </colgroup>
  );
}

function Head<Row>(properties: { look: RowLook<Row> }): JSX.Element {
  const { columns, cards, filler } = properties.look;
  return (
    <thead role={cards ? 'rowgroup' : undefined}>
      <tr role={cards ? 'row' : undefined} aria-rowindex={properties.look.long ? 1 : undefined}>
        {columns.map((column) => (
          <th
            key={column.key}
            scope="col"
            role={cards ? 'columnheader' : undefined}
            class={headLook(column)}
            title={column.meaning}
          >
            {column.head_heard ? <span class="offscreen">{column.head}</span> : (column.head_view ?? column.head)}
          </th>
        ))}
        {filler ? <th scope="col" class="filler" /> : null}
      </tr>
    </thead>
  );
}

function headLook({ align, grows, head_view }: Column<never>): string {
  const parts = [
    align === 'right' ? 'number' : '',
    grows === undefined ? '' : 'grows',
    head_view === undefined ? '' : 'head-view',
  ];
  return parts.filter((part) => part !== '').join(' ');
}
