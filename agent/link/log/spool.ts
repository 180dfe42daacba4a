import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { messageOf } from '../../../src/base/errors/error.ts';
import { formatSize } from '../../../src/base/units.ts';
import { LOG_CHUNK_BYTES } from '../../../src/protocol/agent.ts';

/** Of the node's disk, as the log and the run's end say it. */
export const DISK_FULL = 'the disk of the node is full';

/**
 * The run's whole log in a file: it bounds memory while the server is away, serves every resumption, and outlives the
 * agent's own SIGKILL. Writes are synchronous: they go to the page cache, keep the order of output and its bytes, and a
 * slow disk slows the payload's pipe instead of filling memory.
 */
export class LogSpool {
  readonly #descriptor: number | null = null;
  readonly #limit_bytes: number;
  readonly #buffer = Buffer.allocUnsafe(LOG_CHUNK_BYTES);
  #size_bytes = 0;
  #full = true;
  #missing: string | null = null;
  #isCutByDisk = false;

  /** Opens the file, new or with what an earlier process of the agent wrote. Never throws: see `missing`. */
  constructor(path: string, limit_bytes: number) {
    this.#limit_bytes = limit_bytes;
    try {
      this.#descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, 0o600);
      this.#size_bytes = fstatSync(this.#descriptor).size;
      this.#full = this.#size_bytes >= limit_bytes;
    } catch (error) {
      this.#missing = messageOf(error);
    }
  }

  /** Why a part of the log is missing that the log itself does not tell of; null when none is. */
  missing(): string | null {
    return this.#missing;
  }

  /** Was output dropped because the disk took no more? (Whether or not the line that says so still fit.) */
  isCutByDisk(): boolean {
    return this.#isCutByDisk;
  }

  size_bytes(): number {
    return this.#size_bytes;
  }

  /** Appends; beyond the limit, or on a full disk, the rest of the run's output is dropped after a line that says so. */
  append(data: Buffer): void {
    if (this.#full) return;
    const room_bytes = this.#limit_bytes - this.#size_bytes;
    try {
      this.#write(data.subarray(0, room_bytes));
    } catch {
      this.#isCutByDisk = true;
      this.#end(DISK_FULL);
      return;
    }
    if (data.length > room_bytes) this.#end(`it is longer than ${formatSize(this.#limit_bytes)}`);
  }

  /** A line of the agent's own, on a line of its own. */
  note(sentence: string): void {
    this.append(Buffer.from(`${this.#endsInLine() ? '' : '\n'}groundcrew: ${sentence}\n`));
  }

  /** At most `length_bytes` (and one chunk) from an offset; fewer at the end. Valid until the next reading. */
  read(offset: number, length_bytes: number): Buffer {
    const most_bytes = Math.max(0, Math.min(length_bytes, LOG_CHUNK_BYTES, this.#size_bytes - offset));
    if (this.#descriptor === null) return this.#buffer.subarray(0, 0);
    const count = readSync(this.#descriptor, this.#buffer, 0, most_bytes, offset);
    return this.#buffer.subarray(0, count);
  }

  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
  }

  #endsInLine(): boolean {
    return this.#size_bytes === 0 || this.read(this.#size_bytes - 1, 1)[0] === 0x0a;
  }

  #end(reason: string): void {
    this.#full = true;
    const line = `${this.#endsInLine() ? '' : '\n'}groundcrew: the log ends here: ${reason}. The run goes on.\n`;
    try {
      this.#write(Buffer.from(line));
    } catch {
      // Not even a line fits; what was written before is still sent, and the run's end tells of the rest.
      this.#missing = reason;
    }
  }

  #write(data: Buffer): void {
    if (this.#descriptor === null) return;
    for (let written = 0; written < data.length; ) {
      const count = writeSync(this.#descriptor, data, written, data.length - written);
      written += count;
      this.#size_bytes += count;
    }
  }
}
