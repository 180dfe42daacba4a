import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Clock } from '../../base/clock.ts';
import { GroundcrewError } from '../../base/errors/error.ts';
import type { BlobHead, Blobs, PutOptions, PutResult, Range } from '../../blobs/contract.ts';

/** An object store in memory, for tests that are about something else. */
export class MemoryBlobs implements Blobs {
  readonly objects = new Map<string, Buffer>();
  /** When each was put; tests make objects older. */
  readonly put_ms = new Map<string, number>();
  readonly #clock: Pick<Clock, 'now_ms'>;

  constructor(clock: Pick<Clock, 'now_ms'>) {
    this.#clock = clock;
  }

  async put(key: string, body: Readable | Buffer, options: PutOptions = {}): Promise<PutResult> {
    const data = Buffer.isBuffer(body) ? body : await buffer(body);
    const sha256 = createHash('sha256').update(data).digest();
    const refuse = (detail: string): never => {
      throw new GroundcrewError('GC1222', { key, detail });
    };
    if (options.size_bytes !== undefined && options.size_bytes !== data.length) refuse('the size differs.');
    if (options.sha256 !== undefined && !options.sha256.equals(sha256)) refuse('the hash differs.');
    this.objects.set(key, data);
    this.put_ms.set(key, this.#clock.now_ms());
    return { size_bytes: data.length, sha256 };
  }

  async get(key: string, range: Range = { start: 0 }): Promise<Readable> {
    const data = this.objects.get(key);
    if (data === undefined) throw new GroundcrewError('GC1221', { key });
    return Readable.from([data.subarray(range.start, range.end)], { objectMode: false });
  }

  async head(key: string): Promise<BlobHead | null> {
    const data = this.objects.get(key);
    return data === undefined ? null : { size_bytes: data.length, modified_ms: this.put_ms.get(key) ?? 0 };
  }

  async remove(key: string): Promise<void> {
    this.objects.delete(key);
  }

  async *list(prefix: string): AsyncIterable<string> {
    for (const key of [...this.objects.keys()].sort()) if (key.startsWith(prefix)) yield key;
  }
}
