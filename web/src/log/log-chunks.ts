import { sleep } from '../clock.ts';
import { CHUNK_BYTES } from './scanner.ts';

/** Kept at most: 24 MiB. */
const KEPT = 96;
const TRIES = 5;
const AGAIN_MS = 1500;
const NEWLINE = 0x0a;

/** A piece of the log, with the places of its line ends. */
export interface Chunk {
  bytes: Uint8Array;
  newlines: number[];
}

interface Live {
  offset: number;
  bytes: Uint8Array;
}

/** The text of a log, as far as it is looked at: the pieces used last, and those being fetched. */
export class LogChunks {
  readonly #kept = new Map<number, Chunk>();
  /** Being fetched, with what came live meanwhile. */
  readonly #coming = new Map<number, Live[]>();
  readonly #fetchRange: (offset: number, limit: number) => Promise<Uint8Array>;
  readonly #onChunk: (chunk: number, kept: Chunk) => void;
  #stopped = false;

  constructor(
    fetchRange: (offset: number, limit: number) => Promise<Uint8Array>,
    onChunk: (chunk: number, kept: Chunk) => void,
  ) {
    this.#fetchRange = fetchRange;
    this.#onChunk = onChunk;
  }

  /** The chunk when it is there and as long as it is known to be; else it is fetched. */
  get(chunk: number, total_bytes: number): Chunk | null {
    const kept = this.#kept.get(chunk);
    const expected = Math.min(CHUNK_BYTES, total_bytes - chunk * CHUNK_BYTES);
    if (kept === undefined || kept.bytes.length < expected) {
      void this.#fetch(chunk);
      return kept ?? null;
    }
    this.#kept.delete(chunk);
    this.#kept.set(chunk, kept);
    return kept;
  }

  /** Bytes that came live. */
  append(offset: number, bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      const chunk = Math.floor((offset + from) / CHUNK_BYTES);
      const to = Math.min(bytes.length, (chunk + 1) * CHUNK_BYTES - offset);
      const piece = { offset: offset + from, bytes: bytes.subarray(from, to) };
      const coming = this.#coming.get(chunk);
      if (coming !== undefined) coming.push(piece);
      else this.#extend(chunk, piece);
      from = to;
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  #extend(chunk: number, piece: Live): void {
    const start = chunk * CHUNK_BYTES;
    const kept = this.#kept.get(chunk) ?? (piece.offset === start ? { bytes: new Uint8Array(), newlines: [] } : null);
    const skip = kept === null ? -1 : start + kept.bytes.length - piece.offset;
    if (kept === null || skip < 0 || skip >= piece.bytes.length) return;
    const bytes = new Uint8Array(kept.bytes.length + piece.bytes.length - skip);
    bytes.set(kept.bytes);
    bytes.set(piece.bytes.subarray(skip), kept.bytes.length);
    this.#keep(chunk, { bytes, newlines: [...kept.newlines, ...newlinesOf(bytes, kept.bytes.length)] });
  }

  async #fetch(chunk: number): Promise<void> {
    if (this.#coming.has(chunk) || this.#stopped) return;
    const live: Live[] = [];
    this.#coming.set(chunk, live);
    const bytes = await this.#tryToFetch(chunk);
    this.#coming.delete(chunk);
    if (bytes === null || this.#stopped) return;
    this.#keep(chunk, { bytes, newlines: newlinesOf(bytes, 0) });
    for (const piece of live) this.#extend(chunk, piece);
  }

  async #tryToFetch(chunk: number): Promise<Uint8Array | null> {
    for (let tries = 0; tries < TRIES && !this.#stopped; tries++) {
      try {
        return await this.#fetchRange(chunk * CHUNK_BYTES, CHUNK_BYTES);
      } catch {
        await sleep(AGAIN_MS);
      }
    }
    return null;
  }

  #keep(chunk: number, kept: Chunk): void {
    this.#kept.delete(chunk);
    this.#kept.set(chunk, kept);
    const oldest = this.#kept.keys().next().value;
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
    this.#onChunk(chunk, kept);
  }
}

function newlinesOf(bytes: Uint8Array, from: number): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(NEWLINE, from); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) places.push(at);
  return places;
}
