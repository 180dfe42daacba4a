import { isErrorLine } from '../../../src/protocol/log-errors.ts';

/** The log is counted and kept in pieces of this size. */
export const CHUNK_BYTES: number = 2 ** 18;
/** Of a longer line only this much is looked at, as the server does. */
const LOOKED_AT_CHARACTERS = 8192;
const NEWLINE = 0x0a;

/** What is new since the last word. Lines are counted from 0. */
export interface ScanProgress {
  /** Bytes looked at so far. */
  bytes: number;
  /** Line ends so far. */
  newlines: number;
  /** The last line has no end yet. */
  open: boolean;
  /** Line ends in each chunk from `first_chunk` on; the last one may still grow. */
  first_chunk: number;
  counts: number[];
  /** Lines that are errors, found since the last word. */
  errors: number[];
}

/** Counts the lines of a log and finds its errors, piece by piece, cut anywhere; a line ends at LF, as for the server. */
export class LogScanner {
  #bytes = 0;
  #newlines = 0;
  #counts: number[] = [];
  #told_chunk = 0;
  #errors: number[] = [];
  #line = '';
  #open = false;
  readonly #decoder = new TextDecoder();

  /** Bytes looked at so far. */
  get bytes(): number {
    return this.#bytes;
  }

  push(piece: Uint8Array): void {
    this.#count(piece);
    this.#look(this.#decoder.decode(piece, { stream: true }));
    this.#bytes += piece.length;
    if (piece.length > 0) this.#open = piece[piece.length - 1] !== NEWLINE;
  }

  /** The last line counts, ended or not. */
  end(): void {
    if (this.#open && isErrorLine(this.#line)) this.#errors.push(this.#newlines);
  }

  /** What is new since it was asked last. */
  progress(): ScanProgress {
    const first_chunk = this.#told_chunk;
    const counts = this.#counts.slice(first_chunk);
    this.#told_chunk = Math.max(0, this.#counts.length - 1);
    const errors = this.#errors;
    this.#errors = [];
    return { bytes: this.#bytes, newlines: this.#newlines, open: this.#open, first_chunk, counts, errors };
  }

  #count(piece: Uint8Array): void {
    for (let from = 0; from < piece.length; ) {
      const chunk = Math.floor((this.#bytes + from) / CHUNK_BYTES);
      const to = Math.min(piece.length, (chunk + 1) * CHUNK_BYTES - this.#bytes);
      this.#counts[chunk] = (this.#counts[chunk] ?? 0) + countNewlines(piece.subarray(from, to));
      from = to;
    }
  }

  #look(text: string): void {
    let from = 0;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', from)) {
      this.#keep(text, from, at);
      if (isErrorLine(this.#line)) this.#errors.push(this.#newlines);
      this.#newlines++;
      this.#line = '';
      from = at + 1;
    }
    this.#keep(text, from, text.length);
  }

  #keep(text: string, from: number, to: number): void {
    const room = LOOKED_AT_CHARACTERS - this.#line.length;
    if (room > 0 && to > from) this.#line += text.slice(from, Math.min(to, from + room));
  }
}

function countNewlines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}
