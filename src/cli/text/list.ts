import { type Command, InvalidArgumentError } from 'commander';
import type { Context } from '../context.ts';
import { type Cell, type Column, layTable, type Table } from './table.ts';
import { wrap } from './width.ts';

/** Flags of every list that comes in pages. */
export interface PageFlags {
  limit?: number;
  cursor?: string;
}

export function addPageFlags(command: Command): void {
  command
    .option('--limit <count>', 'at most this many, 1 to 500 (50)', parseCount)
    .option('--cursor <text>', 'go on where another list ended');
}

export function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('It is to be a whole number from 1 on.');
  return count;
}

interface Listed<Item> {
  items: readonly Item[];
  next_cursor?: string | null;
}

/** Tables, an empty line between them, and beside them which columns the terminal has no room for. */
export function sayTables(context: Context, tables: readonly Table[]): void {
  for (const [index, { lines }] of tables.entries()) {
    if (index > 0) context.say();
    context.sayAll(lines);
  }
  const names = tables.flatMap(({ left_out }) => left_out);
  if (names.length === 0) return;
  const count = names.length === 1 ? '1 column' : `${names.length} columns`;
  const note = `${count} left out: ${names.join(', ')}; a wider terminal or --json shows ${names.length === 1 ? 'it' : 'them'}`;
  for (const line of wrap(note, context.width)) context.note(context.paint.quiet(line));
}

/** The answer of a list: JSON, a table, or what to do about there being none. */
export function sayList<Item>(
  context: Context,
  answer: Listed<Item>,
  columns: readonly Column[],
  toRow: (item: Item) => readonly Cell[],
  empty: string,
): void {
  if (context.json) context.sayJson(answer);
  else if (answer.items.length === 0) context.note(empty);
  else sayTables(context, [layTable(columns, answer.items.map(toRow), context.width, context.paint)]);
  if (!context.json && typeof answer.next_cursor === 'string') {
    context.note(`There are more. Go on with: --cursor ${answer.next_cursor}`);
  }
}
