import { lastDrawn, TERMINAL_SEQUENCE } from '../../../src/protocol/terminal.ts';

/** A piece of a line in one look: classes of the style sheet, never a style from the log itself. */
export interface Span {
  text: string;
  look: string;
}

interface Look {
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  inverse: boolean;
  /** 0–15, or null for the text's own colour. */
  colour: number | null;
}

const PLAIN: Look = { bold: false, dim: false, italic: false, underline: false, inverse: false, colour: null };
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** A line of a log with its colours; everything else that steers a terminal is left out. */
export function spansOf(line: string): Span[] {
  const drawn = lastDrawn(line);
  const spans: Span[] = [];
  let look = PLAIN;
  let from = 0;
  const add = (text: string): void => {
    const clean = text.replace(CONTROLS, '');
    if (clean !== '') spans.push({ text: clean, look: classesOf(look) });
  };
  for (const match of drawn.matchAll(TERMINAL_SEQUENCE)) {
    add(drawn.slice(from, match.index));
    from = match.index + match[0].length;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
    const colours = /^(?:\u001b\[|\u009b)([0-9;:]*)m$/.exec(match[0]);
    if (colours !== null) look = changed(look, (colours[1] as string).split(/[;:]/).map(Number));
  }
  add(drawn.slice(from));
  return spans;
}

function changed(before: Look, codes: readonly number[]): Look {
  let look = before;
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] as number;
    if (code === 38 || code === 48) {
      const { colour, used } = extended(codes.slice(at + 1));
      if (code === 38) look = { ...look, colour };
      at += used;
    } else look = simple(look, code);
  }
  return look;
}

function simple(look: Look, code: number): Look {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...look, bold: true };
  if (code === 2) return { ...look, dim: true };
  if (code === 3) return { ...look, italic: true };
  if (code === 4) return { ...look, underline: true };
  if (code === 7) return { ...look, inverse: true };
  if (code === 22) return { ...look, bold: false, dim: false };
  if (code === 23) return { ...look, italic: false };
  if (code === 24) return { ...look, underline: false };
  if (code === 27) return { ...look, inverse: false };
  if (code >= 30 && code <= 37) return { ...look, colour: code - 30 };
  if (code >= 90 && code <= 97) return { ...look, colour: code - 82 };
  if (code === 39) return { ...look, colour: null };
  return look;
}

/** `5;n` of 256 colours and `2;r;g;b`, as the nearest of the sixteen, so that they fit dark and light. */
function extended(codes: readonly number[]): { colour: number | null; used: number } {
  if (codes[0] === 5) return { colour: ofPalette(codes[1] ?? 0), used: 2 };
  if (codes[0] === 2) return { colour: nearest(codes[1] ?? 0, codes[2] ?? 0, codes[3] ?? 0), used: 4 };
  return { colour: null, used: codes.length };
}

function ofPalette(index: number): number | null {
  if (index < 16) return index;
  if (index >= 232) return index < 244 ? 8 : 7;
  const cube = index - 16;
  return nearest(Math.floor(cube / 36) * 51, (Math.floor(cube / 6) % 6) * 51, (cube % 6) * 51);
}

function nearest(red: number, green: number, blue: number): number {
  const most = Math.max(red, green, blue);
  if (most < 64) return 8;
  const has = (part: number): number => (part > most * 0.6 ? 1 : 0);
  const colour = has(red) + 2 * has(green) + 4 * has(blue);
  return most > 200 ? colour + 8 : colour;
}

function classesOf(look: Look): string {
  const classes = (['bold', 'dim', 'italic', 'underline', 'inverse'] as const).filter((name) => look[name]);
  return [...classes, ...(look.colour === null ? [] : [`ansi-${look.colour}`])].join(' ');
}
