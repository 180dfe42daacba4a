/** Where a column stands when rows are cards: on the first line, or below it as a share of a line; `none`: nowhere. */
export type CardPlace = 'title' | 'beside' | 'third' | 'half' | 'line' | 'two lines' | 'none';

/** What decides which columns are shown. */
export interface ColumnRoom {
  /** Unlike every other of its table. */
  readonly key: string;
  /** The room that it needs, its padding included. */
  readonly width_px: number;
  /** Its turn where there is too little room, 1 first; without one it stays. */
  readonly gives_way?: number;
  /** Its share of the room that is left; of a table that is not long one column has it, and takes all. */
  readonly grows?: number;
  /** `line` when it is left out. */
  readonly card?: CardPlace;
}

/** How a table is shown in some room. */
export interface Layout {
  readonly kind: 'table' | 'cards';
  /** Keys of the columns, in their order. */
  readonly shown: readonly string[];
}

/** Below it no column gives way: there is so little room that rows become cards, which show all of them. */
const CARDS_BELOW_PX = 620;
/** Must be as the style sheet has it: `table[data-layout="cards"]`. */
const CARD_LINE_PX = 22;
const CARD_AROUND_PX = 17;

/** Shares of a line. */
const SHARES: Readonly<Partial<Record<CardPlace, number>>> = { third: 1 / 3, half: 1 / 2 };

/**
 * Which columns are shown in so much room, and how. Where even those that stay need more, none gives way: the table is
 * wider than its room, and its frame scrolls.
 * @param matrix its columns are of one kind and compared with each other, so that it never becomes cards
 */
export function layoutOf(columns: readonly ColumnRoom[], room_px: number, matrix = false): Layout {
  let needed_px = columns.reduce((sum, { width_px }) => sum + width_px, 0);
  if (needed_px > room_px && room_px < CARDS_BELOW_PX && !matrix) {
    return { kind: 'cards', shown: columns.filter(({ card }) => card !== 'none').map(({ key }) => key) };
  }
  const staying_px = columns.reduce((sum, column) => sum + (column.gives_way === undefined ? column.width_px : 0), 0);
  // The frame scrolls anyhow.
  if (staying_px > room_px) return { kind: 'table', shown: columns.map(({ key }) => key) };
  const left = new Set(columns);
  for (const column of inTurn(columns)) {
    if (needed_px <= room_px) break;
    left.delete(column);
    needed_px -= column.width_px;
  }
  return { kind: 'table', shown: columns.filter((column) => left.has(column)).map(({ key }) => key) };
}

/** Those that give way, in their turn; of several in one turn the last of the table first. */
function inTurn(columns: readonly ColumnRoom[]): ColumnRoom[] {
  const turn = ({ gives_way }: ColumnRoom): number => gives_way ?? 0;
  return columns
    .filter(({ gives_way }) => gives_way !== undefined)
    .toReversed()
    .sort((left, right) => turn(left) - turn(right));
}

/** The exact widths of shown columns, which share what is left of the room. */
export function widthsOf(columns: readonly ColumnRoom[], room_px: number): number[] {
  const left_px = Math.max(0, room_px - columns.reduce((sum, { width_px }) => sum + width_px, 0));
  const shares = Math.max(
    1,
    columns.reduce((sum, { grows = 0 }) => sum + grows, 0),
  );
  return columns.map(({ width_px, grows = 0 }) => width_px + Math.floor((left_px * grows) / shares));
}

/** The height of a card whose every part has exactly the lines of its place: that of all cards of a long table. */
export function cardHeight(columns: readonly ColumnRoom[]): number {
  const places = columns.map(({ card }) => card ?? 'line');
  let lines = places.some((place) => place === 'title' || place === 'beside') ? 1 : 0;
  let taken = 1;
  for (const place of places) {
    if (place === 'title' || place === 'beside' || place === 'none') continue;
    const share = SHARES[place] ?? 1;
    // Thirds do not add up to 1 exactly.
    const fits = taken + share < 1.001;
    if (!fits) lines += place === 'two lines' ? 2 : 1;
    taken = fits ? taken + share : share;
  }
  return lines * CARD_LINE_PX + CARD_AROUND_PX;
}
