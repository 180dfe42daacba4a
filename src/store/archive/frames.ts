import { createHash, type Hash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** The first line of an export, not compressed, so that any tool can tell what the file is. */
export const MAGIC = 'groundcrew export 1\n';

/**
 * After the magic comes one gzip stream of frames: a letter, the length (4 bytes, big end first), the payload.
 * `H` header · `T` table begins · `B` object begins · `D` its data · `E` it ends · `S` sequences · `Z` the SHA-256 of
 * everything before. All payloads but those of `D` are JSON.
 */
export type FrameKind = 'H' | 'T' | 'B' | 'D' | 'E' | 'S' | 'Z';
export interface Frame {
  readonly kind: FrameKind;
  readonly payload: Buffer;
}

const HEAD_BYTES = 5;
const LONGEST_PAYLOAD_BYTES = 64 * 2 ** 20;

/** The export is not what it should be: told to a person as GC1215. */
export class DamagedExport extends Error {
  override readonly name = 'DamagedExport';
}

/** Writes frames, with the sum of all before at the end. */
export class FrameWriter {
  readonly #hash: Hash = createHash('sha256');

  data(payload: Buffer): Buffer {
    return this.#encode('D', payload);
  }

  json(kind: Exclude<FrameKind, 'D' | 'Z'>, value: object): Buffer {
    return this.#encode(kind, Buffer.from(JSON.stringify(value)));
  }

  end(): Buffer {
    const sha256 = this.#hash.copy().digest('hex');
    return this.#encode('Z', Buffer.from(JSON.stringify({ sha256 })));
  }

  #encode(kind: FrameKind, payload: Buffer): Buffer {
    const head = Buffer.alloc(HEAD_BYTES);
    head.write(kind, 0, 'latin1');
    head.writeUInt32BE(payload.length, 1);
    const frame = Buffer.concat([head, payload]);
    this.#hash.update(frame);
    return frame;
  }
}

/** Every frame but the last, which is checked. Error: `DamagedExport`, also for a file that ends too early. */
export async function* readFrames(source: Readable): AsyncGenerator<Frame> {
  const bytes = new ByteReader(decompress(source));
  const hash = createHash('sha256');
  for (;;) {
    const head = await bytes.take(HEAD_BYTES);
    const length = head.readUInt32BE(1);
    if (length > LONGEST_PAYLOAD_BYTES) throw new DamagedExport('a frame of it is impossibly long.');
    const payload = await bytes.take(length);
    const kind = head.toString('latin1', 0, 1) as FrameKind;
    if (kind === 'Z') {
      if (parseJson<{ sha256: string }>(payload).sha256 !== hash.digest('hex')) {
        throw new DamagedExport('its checksum does not fit.');
      }
      await bytes.expectEnd();
      return;
    }
    hash.update(head).update(payload);
    yield { kind, payload };
  }
}

/** Error: `DamagedExport`. */
export function parseJson<T>(payload: Buffer): T {
  try {
    return JSON.parse(payload.toString()) as T;
  } catch {
    throw new DamagedExport('a frame of it is not readable.');
  }
}

async function* decompress(source: Readable): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  const feed = feedAfterMagic(source, gunzip);
  // Awaited below, after the last chunk; until then its failure shows as the stream's own.
  feed.catch((error: unknown) => gunzip.destroy(error as Error));
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
    await feed;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'Z_BUF_ERROR') throw new DamagedExport('it ends too early.');
    if (String((error as { code?: unknown }).code).startsWith('Z_'))
      throw new DamagedExport('its compression is damaged.');
    throw error;
  } finally {
    gunzip.destroy();
    source.destroy();
  }
}

async function feedAfterMagic(source: Readable, gunzip: ReturnType<typeof createGunzip>): Promise<void> {
  let head: Buffer | null = Buffer.alloc(0);
  for await (const chunk of source as AsyncIterable<Buffer>) {
    let rest = chunk;
    if (head !== null) {
      head = Buffer.concat([head, chunk]);
      if (head.length < MAGIC.length) continue;
      checkMagic(head);
      rest = head.subarray(MAGIC.length);
      head = null;
    }
    if (!gunzip.write(rest)) await drained(gunzip);
    if (gunzip.destroyed) return;
  }
  if (head !== null) checkMagic(head);
  gunzip.end();
}

function drained(gunzip: ReturnType<typeof createGunzip>): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      gunzip.off('drain', done).off('close', done);
      resolve();
    };
    gunzip.on('drain', done).on('close', done);
  });
}

function checkMagic(head: Buffer): void {
  if (head.toString('latin1', 0, MAGIC.length) === MAGIC) return;
  const other = /^groundcrew export (\d+)\n/.exec(head.toString('latin1', 0, 40));
  if (other !== null) throw new DamagedExport(`it has the format ${other[1]}, and this version reads 1.`);
  throw new DamagedExport('it does not begin like an export of Groundcrew.');
}

/** Cuts a stream into pieces of asked lengths. */
class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async take(length: number): Promise<Buffer> {
    const pieces = [this.#held];
    let have = this.#held.length;
    while (have < length) {
      const next = await this.#source.next();
      if (next.done) throw new DamagedExport('it ends too early.');
      pieces.push(next.value);
      have += next.value.length;
    }
    const all = pieces.length === 1 ? this.#held : Buffer.concat(pieces);
    this.#held = all.subarray(length);
    return all.subarray(0, length);
  }

  async expectEnd(): Promise<void> {
    const next = await this.#source.next();
    if (this.#held.length > 0 || !next.done) throw new DamagedExport('something follows its end.');
  }
}
