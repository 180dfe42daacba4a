/** Longest excerpt of a text that is shown above a marker, in characters. */
const EXCERPT_CHARACTERS = 100;

/**
 * Two lines for people: the text, and `^^` under the part from `start` to `end` (offsets in UTF-16 units, as strings
 * count). A long text is cut around the place; control characters are shown as `·`, so that the marker stays below it.
 */
export function markerLines(text: string, start: number, end: number): [text: string, marker: string] {
  const characters = [...text].map((character) => (/[\p{C}\p{Zl}\p{Zp}\t]/u.test(character) ? '·' : character));
  const first = [...text.slice(0, start)].length;
  const last = Math.max(first + 1, [...text.slice(0, end)].length);
  const from = first + 20 < EXCERPT_CHARACTERS ? 0 : first - 40;
  const excerpt = characters.slice(from, from + EXCERPT_CHARACTERS);
  const before = from > 0 ? '…' : '';
  const after = from + EXCERPT_CHARACTERS < characters.length ? '…' : '';
  const shownEnd = Math.min(last, from + Math.max(excerpt.length, first - from + 1));
  const marker = ' '.repeat(before.length + first - from) + '^'.repeat(shownEnd - first);
  return [before + excerpt.join('') + after, marker];
}
