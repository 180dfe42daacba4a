import { GroundcrewError } from '../../base/errors/error.ts';

type Key = readonly (string | number)[];
type Kind = 'string' | 'number';
type KeyOf<Kinds extends readonly Kind[]> = { [Index in keyof Kinds]: Kinds[Index] extends 'number' ? number : string };

/** A cursor is the list's name and the last key of a page; opaque to clients, so that it may change. */
export function encodeCursor(list: string, key: Key): string {
  return Buffer.from(JSON.stringify([list, ...key])).toString('base64url');
}

/** Null without a cursor; GC1708 when it is not one of this list, with keys of these kinds. */
export function decodeCursor<const Kinds extends readonly Kind[]>(
  list: string,
  cursor: string | undefined,
  kinds: Kinds,
): KeyOf<Kinds> | null {
  if (cursor === undefined) return null;
  const [named, ...key] = parsed(cursor);
  if (named !== list || key.length !== kinds.length || !key.every((part, index) => fits(part, kinds[index]))) {
    throw new GroundcrewError('GC1708', { cursor });
  }
  return key as unknown as KeyOf<Kinds>;
}

function parsed(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function fits(part: unknown, kind: Kind | undefined): boolean {
  if (kind === 'number') return Number.isSafeInteger(part) && (part as number) >= 0;
  return typeof part === 'string' && !part.includes('\0');
}

/** Rows were read with one more than the limit: a page of them, and the cursor when there is more. */
export function pageFrom<Row, View>(
  list: string,
  rows: readonly Row[],
  limit: number,
  toView: (row: Row) => View,
  keyOf: (row: Row) => Key,
): { items: View[]; next_cursor: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items: items.map(toView),
    next_cursor: rows.length > limit && last !== undefined ? encodeCursor(list, keyOf(last)) : null,
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
