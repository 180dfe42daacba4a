import type { JSX } from 'preact';
import { type Column, cardColumns, cardHead, cellLook } from './column.ts';
import { cardHeight } from './layout.ts';

/** How the rows of one table are made. */
export interface RowLook<Row> {
  /** Those that are shown. */
  readonly columns: readonly Column<Row>[];
  readonly cards: boolean;
  /** The keys j and k stop at them. */
  readonly stops: boolean;
  /** An empty cell at the end takes the room that is left. */
  readonly filler: boolean;
  /** Each as high as `rowHeight` says, else as what is in it. */
  readonly long: boolean;
}

/** The height of a row of a long table that is no card, as the style sheet has it. */
const ROW_PX = 31;

/** The height of a row of a long table, known before it is made. */
export function rowHeight<Row>(look: RowLook<Row>, row: Row): number {
  return look.cards ? cardHeight(cardColumns(look.columns, row)) : ROW_PX;
}

/** One row: cells in a line, or parts of a card. It depends on the row and on signals alone. */
export function TableRow<Row>(properties: { row: Row; look: RowLook<Row>; index?: number }): JSX.Element {
  const { row, look, index } = properties;
  // A card is no row to a browser any more, so that it is said.
  const role = look.cards ? 'row' : undefined;
  const style = look.long ? { height: `${rowHeight(look, row)}px` } : {};
  const columns = look.cards ? cardColumns(look.columns, row) : look.columns;
  return (
    <tr
      data-row={look.stops ? '' : undefined}
      role={role}
      aria-rowindex={index === undefined ? undefined : index + 2}
      style={style}
    >
      {columns.map((column) => (
        <Cell key={column.key} column={column} row={row} cards={look.cards} />
      ))}
      {look.filler ? <td class="filler" /> : null}
    </tr>
  );
}

function Cell<Row>(properties: { column: Column<Row>; row: Row; cards: boolean }): JSX.Element {
  const { column, row, cards } = properties;
  const given = {
    class: cellLook(column, row),
    'data-head': cards ? cardHead(column) : undefined,
    title: column.title?.(row),
  };
  if (column.names_row) {
    return (
      <th scope="row" role={cards ? 'rowheader' : undefined} {...given}>
        {column.cell(row)}
      </th>
    );
  }
  return (
    <td role={cards ? 'cell' : undefined} {...given}>
      {column.cell(row)}
    </td>
  );
}
