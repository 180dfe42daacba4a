import stringWidth from 'string-width';

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Columns of a terminal that a text takes; colours take none. */
export function widthOf(text: string): number {
  return stringWidth(text);
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
    used += widthOf(part);
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
