import type { Paint } from './paint.ts';
import { plainText } from './plain.ts';
import { cutTo, padTo, widthOf } from './width.ts';

export interface Column {
  title: string;
  /** Numbers stand at the right. */
  right?: boolean;
  /** Where there is too little room it is cut down to this many characters; without it, never. */
  least?: number;
  /** What is cut out of it; identifiers differ at both ends. */
  cut?: 'end' | 'middle';
  /** Cut only when nothing else can be cut or left out any more. */
  dear?: boolean;
  /** Left out, the last such column first, when cutting is not enough. */
  optional?: boolean;
}

/** A text, or one with a colour that adds to what it says. */
export type Cell = string | { text: string; paint: (text: string) => string };

const GAP = '  ';

/** The lines of a table, and the titles of the columns that it has no room for. */
export interface Table {
  lines: string[];
  left_out: string[];
}

/**
 * A title line and a line a row. On a terminal no line is longer than its width: the widest columns that may be cut
 * are cut, then optional ones are left out, and dear ones are cut at last. Without a width everything is shown whole.
 */
export function layTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number | null,
  paint: Paint,
): Table {
  const cells = rows.map((row) => row.map(plainCell));
  const natural = columns.map((column, index) =>
    Math.max(widthOf(column.title), ...cells.map((row) => widthOf(textOf(row[index])))),
  );
  const layout = layOut(columns, natural, width);
  const title = lineOf(
    columns.map((column) => column.title),
    columns,
    layout,
  );
  return {
    lines: [paint.quiet(title), ...cells.map((row) => lineOf(row, columns, layout))],
    left_out: columns.filter((_, index) => layout[index] === 0).map((column) => column.title.trim()),
  };
}

/** The lines alone, of a table without optional columns. */
export function tableLines(...table: Parameters<typeof layTable>): string[] {
  return layTable(...table).lines;
}

function plainCell(cell: Cell): Cell {
  return typeof cell === 'string' ? plainText(cell, true) : { ...cell, text: plainText(cell.text, true) };
}

function textOf(cell: Cell | undefined): string {
  return typeof cell === 'object' ? cell.text : (cell ?? '');
}

/** The width of each column, 0 for one that is left out. */
function layOut(columns: readonly Column[], natural: readonly number[], width: number | null): number[] {
  const widths = [...natural];
  if (width === null) return widths;
  for (;;) {
    shrink(columns, widths, width, false);
    if (total(widths) <= width) return widths;
    const last = columns.findLastIndex((column, index) => column.optional === true && (widths[index] as number) > 0);
    if (last < 0) {
      shrink(columns, widths, width, true);
      return widths;
    }
    // What is left has its own room back.
    for (const [index, own] of natural.entries()) if ((widths[index] as number) > 0) widths[index] = own;
    widths[last] = 0;
  }
}

/** Takes from the widest column that may be cut, one character at a time, until all fit. */
function shrink(columns: readonly Column[], widths: number[], width: number, cutsDear: boolean): void {
  for (let over = total(widths) - width; over > 0; over--) {
    let widest = -1;
    for (const [index, { least, dear = false }] of columns.entries()) {
      if (dear && !cutsDear) continue;
      const own = widths[index] as number;
      if (least === undefined || own <= Math.max(1, least)) continue;
      if (widest < 0 || own > (widths[widest] as number)) widest = index;
    }
    if (widest < 0) return;
    widths[widest] = (widths[widest] as number) - 1;
  }
}

function total(widths: readonly number[]): number {
  const shown = widths.filter((width) => width > 0);
  return shown.reduce((sum, width) => sum + width, 0) + Math.max(0, shown.length - 1) * GAP.length;
}

function lineOf(row: readonly Cell[], columns: readonly Column[], widths: readonly number[]): string {
  const parts: string[] = [];
  for (const [index, column] of columns.entries()) {
    const width = widths[index] as number;
    if (width === 0) continue;
    const cell = row[index] ?? '';
    const text = padTo(cutTo(textOf(cell), width, column.cut), width, column.right);
    parts.push(typeof cell === 'object' ? cell.paint(text) : text);
  }
  return parts.join(GAP).trimEnd();
}
