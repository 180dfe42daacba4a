import { Readable } from 'node:stream';
import { GroundcrewError, isError } from '../../base/errors/error.ts';
import type { Blobs } from '../../blobs/contract.ts';

/** A larger file comes in parts of this size, each kept on its own, so that a cut upload goes on instead of beginning again. */
export const PART_BYTES = 8 * 2 ** 20;
const OFFSET_DIGITS = 15;

/** A file on its way in: parts under the prefix until it is whole, then one object under the key. */
export interface PartialUpload {
  prefix: string;
  key: string;
  /** For messages. */
  path: string;
  size: number;
  sha256: Buffer;
}

/** The parts that are kept without a gap from the start, and how much they are together. */
export async function keptParts(blobs: Blobs, prefix: string): Promise<{ keys: string[]; bytes: number }> {
  const keys: string[] = [];
  let bytes = 0;
  for await (const key of blobs.list(`${prefix}/`)) {
    const head = Number(key.slice(prefix.length + 1)) === bytes ? await blobs.head(key) : null;
    if (head === null) break;
    keys.push(key);
    bytes += head.size_bytes;
  }
  return { keys, bytes };
}

/** At most so many bytes are kept in parts below `within`, those below `prefix` left out. */
export async function otherPartsMost_bytes(blobs: Blobs, within: string, prefix: string): Promise<number> {
  let count = 0;
  for await (const key of blobs.list(`${within}/`)) if (!key.startsWith(`${prefix}/`)) count++;
  return count * PART_BYTES;
}

/**
 * Takes the rest of a file from `offset` on; when it is whole, and its hash is right, it becomes one object. Parts that
 * came in before a cut are kept. Errors: GC1645 `offset` is not what is kept, or the body ended early; GC1222 the hash
 * differs or it is longer than it said: then nothing is kept.
 */
export async function storeInParts(blobs: Blobs, upload: PartialUpload, offset: number, body: Readable): Promise<void> {
  const before = await keptParts(blobs, upload.prefix);
  if (before.bytes !== offset) throw mismatch(upload, offset, before.bytes);
  let at = offset;
  for await (const part of partsOf(body)) {
    if (at + part.length > upload.size) {
      await removeParts(blobs, upload.prefix);
      throw new GroundcrewError('GC1222', { key: upload.key, detail: `more than its ${upload.size} bytes came.` });
    }
    await blobs.put(`${upload.prefix}/${String(at).padStart(OFFSET_DIGITS, '0')}`, part, { size_bytes: part.length });
    at += part.length;
  }
  if (at < upload.size) throw mismatch(upload, upload.size, at);
  const { keys } = await keptParts(blobs, upload.prefix);
  try {
    const whole = Readable.from(joined(blobs, keys), { objectMode: false });
    await blobs.put(upload.key, whole, { sha256: upload.sha256, size_bytes: upload.size });
  } catch (error) {
    if (isError(error, 'GC1222')) await removeParts(blobs, upload.prefix);
    throw error;
  }
}

/** What is left of uploads below a prefix; doing it again does nothing. */
export async function removeParts(blobs: Blobs, prefix: string): Promise<void> {
  const keys: string[] = [];
  for await (const key of blobs.list(`${prefix}/`)) keys.push(key);
  for (const key of keys) await blobs.remove(key);
}

// A piece that a cut left shorter than a part is not kept; the last part of a whole body is.
async function* partsOf(body: Readable): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    pieces.push(piece);
    bytes += piece.length;
    while (bytes >= PART_BYTES) {
      const all = Buffer.concat(pieces);
      yield all.subarray(0, PART_BYTES);
      pieces = [all.subarray(PART_BYTES)];
      bytes -= PART_BYTES;
    }
  }
  if (bytes > 0) yield Buffer.concat(pieces);
}

async function* joined(blobs: Blobs, keys: readonly string[]): AsyncGenerator<Buffer> {
  for (const key of keys) yield* (await blobs.get(key)) as AsyncIterable<Buffer>;
}

function mismatch({ path }: PartialUpload, offset: number, kept: number): GroundcrewError {
  return new GroundcrewError('GC1645', { path, offset, kept });
}
