import type { Readable } from 'node:stream';

/** What is known of an object beforehand; anything else that arrives is refused, and nothing of it is kept. */
export interface PutOptions {
  readonly sha256?: Buffer;
  readonly size_bytes?: number;
}

/** What was stored. */
export interface PutResult {
  readonly size_bytes: number;
  readonly sha256: Buffer;
}

/** What is known of an object that is there. */
export interface BlobHead {
  readonly size_bytes: number;
  /** When it was put, by the store's clock. */
  readonly modified_ms: number;
}

/** Bytes from `start` to before `end`, both counted from 0. */
export interface Range {
  readonly start: number;
  readonly end?: number;
}

/**
 * The object store: whole objects under keys such as `logs/977`. An object is there entirely or not at all, and is
 * on disk (or in the store) before `put` answers. Putting a key again replaces the object.
 * Errors: GC1211 disk full, GC1220 key not valid, GC1221 no such object, GC1222 wrong hash or size, GC1223 the store failed.
 */
export interface Blobs {
  put(key: string, body: Readable | Buffer, options?: PutOptions): Promise<PutResult>;
  /** Destroys the stream with an error when the object cannot be read to its end. */
  get(key: string, range?: Range): Promise<Readable>;
  head(key: string): Promise<BlobHead | null>;
  /** Removing what is not there does nothing. */
  remove(key: string): Promise<void>;
  /** Keys that begin with the text, sorted by their bytes. */
  list(prefix: string): AsyncIterable<string>;
}
