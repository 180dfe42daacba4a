import { isErrorLine } from '../protocol/log-errors.ts';

/** Of a longer line only this much is looked at: a log without line ends must not fill the memory. */
const LINE_LOOKED_AT_BYTES = 8192;
const NEWLINE = 0x0a;

/** What a whole log came to. Lines are counted from 1, as people do; offsets are bytes from 0. */
export interface LogScan {
  bytes: number;
  lines: number;
  first_error_offset: number | null;
  first_error_line: number | null;
}

/** Reads a log piece by piece, cut anywhere, in bounded memory; a line ends at LF, the last one also without. */
export class LogScanner {
  #bytes = 0;
  #lines = 0;
  #line: Buffer[] = [];
  #line_bytes = 0;
  #line_offset = 0;
  #error: { offset: number; line: number } | null = null;

  push(piece: Buffer): void {
    let from = 0;
    for (let at = piece.indexOf(NEWLINE); at !== -1; at = piece.indexOf(NEWLINE, from)) {
      this.#keep(piece.subarray(from, at));
      this.#endLine();
      from = at + 1;
      this.#line_offset = this.#bytes + from;
    }
    this.#keep(piece.subarray(from));
    this.#bytes += piece.length;
  }

  /** The last line counts, ended or not. */
  end(): LogScan {
    if (this.#bytes > this.#line_offset) this.#endLine();
    return {
      bytes: this.#bytes,
      lines: this.#lines,
      first_error_offset: this.#error?.offset ?? null,
      first_error_line: this.#error?.line ?? null,
    };
  }

  #keep(part: Buffer): void {
    if (this.#error !== null || part.length === 0) return;
    const room = LINE_LOOKED_AT_BYTES - this.#line_bytes;
    if (room <= 0) return;
    // A copy: the piece that it comes from may be a large buffer that should not be kept alive.
    this.#line.push(Buffer.from(part.subarray(0, room)));
    this.#line_bytes += Math.min(room, part.length);
  }

  #endLine(): void {
    this.#lines++;
    if (this.#error === null && isErrorLine(Buffer.concat(this.#line).toString('utf8'))) {
      this.#error = { offset: this.#line_offset, line: this.#lines };
    }
    this.#line = [];
    this.#line_bytes = 0;
  }
}
