import type { ComponentChildren, JSX } from 'preact';
import type { ColumnRoom } from './layout.ts';

/** One column of a table, as data: what stands in it, and how it is shown in much room and in little. */
export interface Column<Row> extends ColumnRoom {
  /** Above the column, and before the value on a card. */
  readonly head: string;
  /** What is shown as its head in place of the words. */
  readonly head_view?: JSX.Element;
  /** The head is heard only: what stands below speaks for itself, on a card too. */
  readonly head_heard?: boolean;
  /** What stands before the value on a card in place of the head; '' when the value needs no word. */
  readonly card_head?: string;
  /** Where a card has nothing to say of it, and is shorter by it. */
  readonly card_without?: (row: Row) => boolean;
  /** Said of the head when a word is too little. */
  readonly meaning?: string;
  readonly align?: 'right';
  /** What the row is about: said with every cell of it. */
  readonly names_row?: boolean;
  /** Classes of its cells. */
  readonly look?: string | ((row: Row) => string);
  /** Said of the cell, for example what is cut in it. */
  readonly title?: (row: Row) => string;
  readonly cell: (row: Row) => ComponentChildren;
}

/** The classes of a cell: how it is aligned, how it looks, and its place on a card. */
export function cellLook<Row>(column: Column<Row>, row: Row): string {
  const look = typeof column.look === 'function' ? column.look(row) : column.look;
  const place = `card-${(column.card ?? 'line').replace(' ', '-')}`;
  return [column.align === 'right' ? 'number' : '', look ?? '', place].filter((part) => part !== '').join(' ');
}

/** What stands before the value on a card; undefined where nothing does. */
export function cardHead<Row>({ card, head, card_head, head_heard }: Column<Row>): string | undefined {
  const without = card === 'title' || card === 'beside' || head_heard === true || card_head === '';
  return without ? undefined : (card_head ?? head);
}

/** The columns of which the card of a row has something to say. */
export function cardColumns<Row>(columns: readonly Column<Row>[], row: Row): readonly Column<Row>[] {
  return columns.filter(({ card_without }) => card_without?.(row) !== true);
}
