import { GroundcrewError } from '../base/errors/error.ts';

/** A cursor is the last key of a page; opaque to clients, so that it may change. */
export function encodeCursor(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** Null without a cursor; GC1005 when it is not one of ours with keys of these types. */
export function decodeCursor<const Types extends readonly ('string' | 'number')[]>(
  cursor: string | undefined,
  types: Types,
): { [Index in keyof Types]: Types[Index] extends 'number' ? number : string } | null {
  if (cursor === undefined) return null;
  let key: unknown;
  try {
    key = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch (error) {
    throw new GroundcrewError('GC1005', { detail: 'the cursor is not one that a page gave' }, error);
  }
  const fits =
    Array.isArray(key) && key.length === types.length && key.every((part, index) => typeof part === types[index]);
  if (!fits) throw new GroundcrewError('GC1005', { detail: 'the cursor is not one that a page of this list gave' });
  return key as { [Index in keyof Types]: Types[Index] extends 'number' ? number : string };
}

/** Rows were read with one more than the limit: a page of them, and the cursor when there is more. */
export function pageFrom<Row, View>(
  rows: readonly Row[],
  limit: number,
  toView: (row: Row) => View,
  keyOf: (row: Row) => readonly (string | number)[],
): { items: View[]; next_cursor: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items: items.map(toView),
    next_cursor: rows.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : null,
  };
}

/** `a,b` → ['a','b']; GC1005 when a word is not known. */
export function wordsOf<Word extends string>(text: string | undefined, known: readonly Word[]): Word[] | null {
  if (text === undefined || text === '') return null;
  const words = text.split(',').map((word) => word.trim());
  for (const word of words) {
    if (!known.includes(word as Word)) {
      throw new GroundcrewError('GC1005', { detail: `"${word}" is not one of ${known.join(', ')}` });
    }
  }
  return words as Word[];
}
