import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { GroundcrewError } from '../base/errors/error.ts';
import type { PutOptions, PutResult } from './contract.ts';

/** Hashes and counts what passes, and refuses what is not as it was announced: early when too long, else at the end. */
export class Measure {
  readonly #key: string;
  readonly #expected: PutOptions;
  readonly #hash = createHash('sha256');
  #size_bytes = 0;

  constructor(key: string, expected: PutOptions) {
    this.#key = key;
    this.#expected = expected;
  }

  /** The same chunks. Error: GC1222. */
  async *through(body: Readable | Buffer): AsyncGenerator<Buffer> {
    for await (const chunk of Buffer.isBuffer(body) ? [body] : (body as AsyncIterable<Buffer | string>)) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      this.#size_bytes += bytes.length;
      const { size_bytes } = this.#expected;
      if (size_bytes !== undefined && this.#size_bytes > size_bytes)
        this.#refuse(`it is longer than ${size_bytes} bytes.`);
      this.#hash.update(bytes);
      yield bytes;
    }
  }

  /** What passed, once all of it did. Error: GC1222. */
  result(): PutResult {
    const { size_bytes, sha256 } = this.#expected;
    if (size_bytes !== undefined && this.#size_bytes !== size_bytes) {
      this.#refuse(`it has ${this.#size_bytes} bytes instead of ${size_bytes}.`);
    }
    const digest = this.#hash.digest();
    if (sha256 !== undefined && !digest.equals(sha256)) this.#refuse('its SHA-256 is another one.');
    return { size_bytes: this.#size_bytes, sha256: digest };
  }

  #refuse(detail: string): never {
    throw new GroundcrewError('GC1222', { key: this.#key, detail });
  }
}

/** A stream of nothing, for ranges that hold nothing. */
export function emptyStream(): Readable {
  return Readable.from([]);
}
