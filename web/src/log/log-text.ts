import type { Chunk } from './log-chunks.ts';
import type { LogIndex } from './log-index.ts';
import { CHUNK_BYTES } from './scanner.ts';

/** Of a longer line only this much is shown. */
export const SHOWN_BYTES: number = 16 * 2 ** 10;

/** A line's text; `cut` when it goes on beyond what is shown. */
export interface LineText {
  text: string;
  cut: boolean;
}

type GetChunk = (chunk: number) => Chunk | null;

const decoder = new TextDecoder();

/** The text of a line, or null while a part of it is on its way. */
export function readLine(index: LogIndex, total_bytes: number, get: GetChunk, line: number): LineText | null {
  const place = index.placeOf(line);
  if (place === null) return null;
  const first = get(place.chunk);
  const newline = place.nth === -1 ? -1 : first?.newlines[place.nth];
  if (first === null || newline === undefined) return null;
  const pieces: Uint8Array[] = [];
  let size = 0;
  let from = newline + 1;
  for (let chunk = place.chunk; size <= SHOWN_BYTES && chunk * CHUNK_BYTES < total_bytes; chunk++) {
    const here = chunk === place.chunk ? first : get(chunk);
    if (here === null) return null;
    const end = chunk === place.chunk ? here.newlines[place.nth + 1] : here.newlines[0];
    const piece = here.bytes.subarray(from, end ?? here.bytes.length);
    pieces.push(piece);
    size += piece.length;
    if (end !== undefined) break;
    from = 0;
  }
  return { text: decoder.decode(joined(pieces, Math.min(size, SHOWN_BYTES))), cut: size > SHOWN_BYTES };
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  if (pieces.length === 1) return (pieces[0] as Uint8Array).subarray(0, size);
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    const part = piece.subarray(0, size - at);
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The line that begins at an offset, or the next one that does; null while its place is not known. */
export function lineFrom(index: LogIndex, get: GetChunk, offset: number): number | null {
  if (offset === 0) return 0;
  // The line end before it is what counts, which may be the last byte of the chunk before.
  const chunk = Math.floor((offset - 1) / CHUNK_BYTES);
  const before = index.before(chunk);
  if (before === null) return null;
  const here = get(chunk);
  const place = offset - 1 - chunk * CHUNK_BYTES;
  if (here === null || here.bytes.length <= place) return null;
  const earlier = here.newlines.filter((newline) => newline <= place);
  const atLineStart = earlier.at(-1) === place;
  return before + earlier.length + (atLineStart ? 0 : 1);
}
