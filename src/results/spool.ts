import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const IN_MEMORY_BYTES = 2 * 2 ** 20;

/** Where something lies in a spool. */
export interface Extent {
  offset: number;
  length: number;
}

/**
 * Bytes to be read again soon: in memory while there are few, else in a file without a name, which is gone with the
 * process however that ends. Calls are synchronous: the pages come back from the system's cache.
 */
export class Spool {
  #pieces: Buffer[] = [];
  #starts: number[] = [];
  #length = 0;
  #file: number | null = null;
  readonly #directory: string;

  readonly #isBorrowed: boolean;

  /** `file`: an open one to use from the start, closed with the spool unless it is only borrowed. */
  constructor(directory: string = tmpdir(), file: { open: number; borrowed: boolean } | null = null) {
    this.#directory = directory;
    this.#file = file?.open ?? null;
    this.#isBorrowed = file?.borrowed ?? false;
  }

  /** Afterwards the bytes are the caller's again. */
  append(bytes: Buffer): Extent {
    const extent = { offset: this.#length, length: bytes.length };
    if (this.#file === null && this.#length + bytes.length > IN_MEMORY_BYTES) this.#moveToFile();
    if (this.#file === null) {
      this.#pieces.push(Buffer.from(bytes));
      this.#starts.push(this.#length);
    } else writeAll(this.#file, bytes, this.#length);
    this.#length += bytes.length;
    return extent;
  }

  /** `target`: memory that may be read into; what lies in memory comes without a copy. */
  read(extent: Extent, target?: Buffer): Buffer {
    if (this.#file === null) return this.#readMemory(extent);
    const bytes = target?.subarray(0, extent.length) ?? Buffer.allocUnsafe(extent.length);
    readAll(this.#file, extent.offset, bytes);
    return bytes;
  }

  /** Frees the memory or the file; nothing can be read afterwards. */
  close(): void {
    if (this.#file !== null && !this.#isBorrowed) closeSync(this.#file);
    this.#file = null;
    this.#pieces = [];
    this.#starts = [];
  }

  #readMemory({ offset, length }: Extent): Buffer {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    const start = offset - (this.#starts[low] ?? 0);
    return (this.#pieces[low] ?? Buffer.alloc(0)).subarray(start, start + length);
  }

  #moveToFile(): void {
    const file = openNameless(this.#directory);
    let at = 0;
    for (const piece of this.#pieces) {
      writeAll(file, piece, at);
      at += piece.length;
    }
    this.#pieces = [];
    this.#starts = [];
    this.#file = file;
  }
}

/** A new file that has no name any more: it is gone when it is closed, or when the process ends. */
export function openNameless(directory: string = tmpdir()): number {
  const own = mkdtempSync(join(directory, 'groundcrew-results-'));
  try {
    return openSync(join(own, 'spool'), 'wx+', 0o600);
  } finally {
    rmSync(own, { recursive: true });
  }
}

function writeAll(file: number, bytes: Buffer, offset: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, bytes.length - done, offset + done);
  }
}

function readAll(file: number, offset: number, bytes: Buffer): void {
  const { length } = bytes;
  for (let done = 0; done < length; ) {
    const read = readSync(file, bytes, done, length - done, offset + done);
    if (read === 0) throw new Error(`the spool ends at ${offset + done}, before ${offset + length}`);
    done += read;
  }
}
