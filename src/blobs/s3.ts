import { Readable } from 'node:stream';
import type { ReadableStream as WebStream } from 'node:stream/web';
import type { Clock } from '../base/clock.ts';
import { GroundcrewError } from '../base/errors/error.ts';
import { type Random, systemRandom } from '../base/random.ts';
import type { BlobHead, Blobs, PutOptions, PutResult, Range } from './contract.ts';
import { checkKey, checkPrefix } from './key.ts';
import { emptyStream, Measure } from './measure.ts';
import { S3Client, type S3Request, type S3Settings } from './s3-client.ts';
import { abortOldUploads, uploadParts } from './s3-multipart.ts';
import { childrenOf, textOf, type XmlElement } from './s3-xml.ts';

/** Kept in memory while it is sent, so that a failed attempt can be sent again. S3 wants 5 MiB at least. */
const PART_SIZE_BYTES = 8 * 2 ** 20;

/**
 * Objects in a bucket of a store that speaks S3. Asks the bucket once, so that wrong settings are known at the start,
 * and gives up uploads that were broken off more than a day ago. Error: GC1223.
 */
export async function openS3Blobs(settings: S3Settings, clock: Clock, random: Random = systemRandom): Promise<Blobs> {
  const client = new S3Client(settings, clock, random);
  await client.request({ method: 'GET', key: null, query: { 'list-type': '2', 'max-keys': '1' }, action: 'open' });
  await abortOldUploads(client, clock);
  return new S3Blobs(client);
}

class S3Blobs implements Blobs {
  readonly #client: S3Client;

  constructor(client: S3Client) {
    this.#client = client;
  }

  async put(key: string, body: Readable | Buffer, options: PutOptions = {}): Promise<PutResult> {
    checkKey(key);
    const measure = new Measure(key, options);
    const parts = inParts(measure.through(body));
    const first = (await parts.next()).value ?? Buffer.alloc(0);
    const second = await parts.next();
    if (second.done) {
      const result = measure.result();
      await this.#client.request({ method: 'PUT', key, body: first, action: 'store' });
      return result;
    }
    async function* all(): AsyncGenerator<Buffer> {
      yield first;
      yield second.value as Buffer;
      yield* parts;
    }
    // The object appears when the upload is completed, which happens only when the result is as announced.
    return uploadParts(this.#client, key, all(), () => measure.result());
  }

  async get(key: string, range?: Range): Promise<Readable> {
    checkKey(key);
    if (range?.end !== undefined && range.end <= range.start) {
      if ((await this.head(key)) === null) throw new GroundcrewError('GC1221', { key });
      return emptyStream();
    }
    const headers: Record<string, string> = range ? { range: `bytes=${range.start}-${lastByte(range)}` } : {};
    const answer = await this.#client.request({ method: 'GET', key, headers, action: 'read', expected: [404, 416] });
    if (answer.status === 404) {
      await answer.body?.cancel();
      throw new GroundcrewError('GC1221', { key });
    }
    if (answer.status === 416 || answer.body === null) {
      await answer.body?.cancel();
      return emptyStream();
    }
    return Readable.fromWeb(answer.body as WebStream);
  }

  async head(key: string): Promise<BlobHead | null> {
    checkKey(key);
    const answer = await this.#client.request({ method: 'HEAD', key, action: 'read', expected: [404] });
    if (answer.status === 404) return null;
    const modified_ms = Date.parse(answer.headers.get('last-modified') ?? '');
    return { size_bytes: Number(answer.headers.get('content-length')), modified_ms };
  }

  async remove(key: string): Promise<void> {
    checkKey(key);
    await this.#client.request({ method: 'DELETE', key, action: 'remove', expected: [404] });
  }

  async *list(prefix: string): AsyncGenerator<string> {
    checkPrefix(prefix);
    for (let token: string | null = null, more = true; more; ) {
      const page: XmlElement = await this.#listPage(prefix, token);
      for (const object of childrenOf(page, 'Contents')) {
        const key = textOf(object, 'Key');
        if (key !== null) yield this.#client.withoutPrefix(key);
      }
      token = textOf(page, 'NextContinuationToken');
      more = textOf(page, 'IsTruncated') === 'true' && token !== null;
    }
  }

  async #listPage(prefix: string, token: string | null): Promise<XmlElement> {
    const query = { 'list-type': '2', prefix: this.#client.withPrefix(prefix) };
    const request: S3Request = {
      ...{ method: 'GET', key: null, action: 'list' },
      query: token === null ? query : { ...query, 'continuation-token': token },
    };
    return await this.#client.read(request, await this.#client.request(request));
  }
}

function lastByte(range: Range): string {
  return range.end === undefined ? '' : String(range.end - 1);
}

/** Cuts a stream into buffers of one size; the last one is shorter. Growing parts keep within S3's 10,000 of them. */
async function* inParts(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, undefined> {
  let held: Buffer[] = [];
  let held_bytes = 0;
  let count = 0;
  for await (const chunk of chunks) {
    held.push(chunk);
    held_bytes += chunk.length;
    const size_bytes = PART_SIZE_BYTES * (1 + Math.floor(count / 1_000));
    while (held_bytes >= size_bytes) {
      const whole = Buffer.concat(held);
      yield whole.subarray(0, size_bytes);
      count += 1;
      held = [whole.subarray(size_bytes)];
      held_bytes -= size_bytes;
    }
  }
  if (held_bytes > 0) yield Buffer.concat(held);
}
