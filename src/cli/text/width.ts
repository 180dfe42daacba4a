import { stripVTControlCharacters } from 'node:util';

/** East Asian wide and fullwidth characters and emoji, which take two columns (Unicode 16, EastAsianWidth W and F). */
const WIDE =
  /[\u1100-\u115f\u231a\u231b\u2329\u232a\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653\u267f\u2693\u26a1\u26aa\u26ab\u26bd\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c\u274e\u2753-\u2755\u2757\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18d08}\u{1b000}-\u{1b2ff}\u{1f004}\u{1f0cf}\u{1f18e}\u{1f191}-\u{1f19a}\u{1f200}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f7e0}-\u{1f7eb}\u{1f900}-\u{1f9ff}\u{1fa70}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const NOTHING = /^(?:\p{Mn}|\p{Me}|\p{Cf})/u;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

function graphemeWidth(grapheme: string): number {
  const first = String.fromCodePoint(grapheme.codePointAt(0) ?? 32);
  if (NOTHING.test(first)) return 0;
  return WIDE.test(first) || grapheme.includes('\ufe0f') ? 2 : 1;
}

/** Columns of a terminal that a text takes; colours take none. */
export function widthOf(text: string): number {
  const plain = stripVTControlCharacters(text);
  // Nearly everything is plain ASCII.
  if (/^[ -~]*$/.test(plain)) return plain.length;
  let width = 0;
  for (const { segment } of graphemes.segment(plain)) width += graphemeWidth(segment);
  return width;
}

/** As much of a plain text as fits, with `…` for what was cut from its end or its middle. */
export function cutTo(text: string, width: number, where: 'end' | 'middle' = 'end'): string {
  if (widthOf(text) <= width) return text;
  if (width <= 1) return width === 1 ? '…' : '';
  const parts = [...graphemes.segment(text)].map(({ segment }) => segment);
  const tail = where === 'end' ? 0 : Math.floor((width - 1) / 2);
  const head = take(parts, width - 1 - tail);
  return `${head}…${take(parts.reverse(), tail, true)}`;
}

function take(parts: readonly string[], width: number, reversed = false): string {
  const taken: string[] = [];
  let used = 0;
  for (const part of parts) {
    used += graphemeWidth(part);
    if (used > width) break;
    taken.push(part);
  }
  return (reversed ? taken.reverse() : taken).join('');
}

/** Filled up with spaces, at its end or, for numbers, before its begin. */
export function padTo(text: string, width: number, right = false): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return right ? space + text : text + space;
}

/**
 * Words on lines of at most this width, the ones after the first indented; one line when the width is null. Spaces at
 * the begin and between words stay as they are.
 */
export function wrap(text: string, width: number | null, indent = ''): string[] {
  if (width === null || widthOf(text) <= width) return [text];
  const lines: string[] = [];
  const [lead] = /^ */.exec(text) as unknown as [string];
  let line = lead;
  // A word with the spaces before it.
  for (const [part] of text.slice(lead.length).matchAll(/ *[^ ]+/g)) {
    if (line.trim() !== '' && widthOf(line + part) > width) {
      lines.push(line);
      line = indent + part.trimStart();
    } else line += part;
  }
  return [...lines, line];
}
