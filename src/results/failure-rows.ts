import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Extent, Spool } from './spool.ts';

/** A test that did not pass, as its row has it. */
export interface FailureRow {
  position: number;
  suite: string;
  name: string;
  occurrence: number;
  status: number;
  message: string | null;
  /** Place of its trace among the run's traces; null without one. */
  trace_block: number | null;
  trace_index: number | null;
  cut_characters: number;
  attempts: number;
  failed_attempts: number;
  duration_ms: number | null;
  location: string | null;
}

/** Rows that are stored by one statement, and the traces that go with them. */
export interface FailureBlock {
  rows: Extent;
  /** Null when none of them has a trace. */
  traces: Extent | null;
}

const BLOCK_ROWS = 200;
const BLOCK_TRACE_CHARACTERS = 2 ** 19;
const OPTIONS = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };

/** Collects rows in blocks; the traces of a block, which resemble each other, are compressed together. */
export class FailureRows {
  readonly blocks: FailureBlock[] = [];
  #rows: FailureRow[] = [];
  #traces: string[] = [];
  #characters = 0;
  readonly #spool: Spool;

  constructor(spool: Spool) {
    this.#spool = spool;
  }

  add(row: Omit<FailureRow, 'trace_block' | 'trace_index'>, trace: string | null): void {
    const has = trace !== null && trace !== '';
    const trace_block = has ? this.blocks.length : null;
    this.#rows.push({ ...row, trace_block, trace_index: has ? this.#traces.length : null });
    if (has) this.#traces.push(trace);
    this.#characters += trace?.length ?? 0;
    if (this.#rows.length === BLOCK_ROWS || this.#characters > BLOCK_TRACE_CHARACTERS) this.finish();
  }

  finish(): void {
    if (this.#rows.length === 0) return;
    this.blocks.push({
      rows: this.#spool.append(Buffer.from(JSON.stringify(this.#rows))),
      traces: this.#traces.length === 0 ? null : this.#spool.append(packTraces(this.#traces)),
    });
    this.#rows = [];
    this.#traces = [];
    this.#characters = 0;
  }
}

export function packTraces(traces: readonly string[]): Buffer {
  return zstdCompressSync(JSON.stringify(traces), OPTIONS);
}

export function unpackTraces(packed: Buffer): string[] {
  return JSON.parse(zstdDecompressSync(packed).toString('utf8'));
}
