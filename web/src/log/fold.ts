import type { Section } from './row-map.ts';

/** Up to this many lines nothing is folded: it can be read as a whole. */
const SHORT_LINES = 200;

/** Lines from 0, both included. */
export interface LineRange {
  first: number;
  last: number;
}

/** `120` or `120-130`, as people count lines; null when it is neither. */
export function parseLines(text: string | null): LineRange | null {
  const match = /^L?([1-9]\d{0,11})(?:-L?([1-9]\d{0,11}))?$/.exec(text ?? '');
  if (match === null) return null;
  const from = Number(match[1]) - 1;
  const to = match[2] === undefined ? from : Number(match[2]) - 1;
  return { first: Math.min(from, to), last: Math.max(from, to) };
}

/** The other way round. */
export function formatLines(range: LineRange): string {
  return range.first === range.last ? String(range.first + 1) : `${range.first + 1}-${range.last + 1}`;
}

/** Sections that a person folded or unfolded, as the address has them: `0.2`, or `none` open; null: nobody did. */
export function parseOpen(text: string | null): ReadonlySet<number> | null {
  if (text === null) return null;
  if (text === 'none') return new Set();
  const ordinals = text.split('.').map(Number);
  return ordinals.every((ordinal) => Number.isSafeInteger(ordinal) && ordinal >= 0) ? new Set(ordinals) : null;
}

/** The other way round. */
export function formatOpen(open: ReadonlySet<number>): string {
  return open.size === 0 ? 'none' : [...open].sort((left, right) => left - right).join('.');
}

/** What is open at first: the section with the line at which the log opens, the rest is folded; all of a short log. */
export function openAtFirst(
  sections: readonly Section[],
  log: { lines: number; live: boolean },
  target: number | null,
): ReadonlySet<number> {
  const ordinals = sections.flatMap(({ ordinal }) => (ordinal === null ? [] : [ordinal]));
  if (log.live || log.lines <= SHORT_LINES || ordinals.length === 1) return new Set(ordinals);
  if (target === null) return new Set();
  const section = sections.findLast(({ start_line }) => start_line <= target);
  return new Set(section === undefined || section.ordinal === null ? [] : [section.ordinal]);
}
