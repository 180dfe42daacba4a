import { type Signal, signal } from '@preact/signals';
import type { RunDetail } from '../../../src/protocol/api/runs.ts';
import { problemFrom } from '../../../src/protocol/client.ts';
import { api } from '../api.ts';
import { type Chunk, LogChunks } from './log-chunks.ts';
import { LogIndex } from './log-index.ts';
import { LogStream } from './log-stream.ts';
import { type LineText, lineFrom, readLine } from './log-text.ts';
import type { ScanOrder, ScanWord } from './scan-worker.ts';
import { CHUNK_BYTES } from './scanner.ts';

/** What the server told of the log; see `RunDetail`. */
type Told = RunDetail['log'];

/** One run's log: what is known of it, its text where it is looked at, and what comes live. Lines from 0. */
export class LogModel {
  /** Counts up when anything below may answer differently; at most once a frame. */
  readonly version: Signal<number> = signal(0);
  readonly #index = new LogIndex();
  readonly #chunks: LogChunks;
  readonly #worker: Worker;
  readonly #starts = new Map<number, number>();
  readonly #stream: LogStream;
  #told: Told;
  #streamed_bytes = 0;
  #read = false;
  #paused = false;
  #frame = 0;

  constructor(run_id: number, told: Told) {
    const id = String(run_id);
    this.#told = told;
    this.#chunks = new LogChunks(
      async (offset, limit) => await fetchBytes(api.address('getLog', { path: { id }, query: { offset, limit } })),
      (chunk, kept) => this.#learn(chunk, kept),
    );
    this.#worker = new Worker(new URL('./scan-worker.ts', import.meta.url), { type: 'module' });
    this.#worker.addEventListener('message', (event: MessageEvent<ScanWord>) => this.#hear(event.data));
    const address = new URL(api.address('getLog', { path: { id } }), location.href).href;
    this.#order({ kind: 'start', address });
    this.#stream = new LogStream(api.address('followLog', { path: { id } }), {
      onBytes: (offset, bytes) => this.#grow(offset, bytes),
      onEnd: () => this.#order({ kind: 'end' }),
    });
  }

  /** The server told something newer. */
  tell(told: Told): void {
    this.#told = told;
    this.#changed();
  }

  stop(): void {
    this.#worker.terminate();
    this.#stream.stop();
    this.#chunks.stop();
    cancelAnimationFrame(this.#frame);
  }

  get total_bytes(): number {
    return Math.max(this.#told.bytes, this.#index.bytes, this.#streamed_bytes);
  }

  /** All lines when the server has counted them, else those read so far. */
  get lines(): number {
    return this.#told.live ? this.#index.lines : Math.max(this.#told.lines ?? 0, this.#index.lines);
  }

  /** Everything that is there was looked at. */
  get read(): boolean {
    return this.#read;
  }

  /** Bytes not looked at, when reading waits to be asked to go on; else 0. */
  get paused_bytes(): number {
    return this.#paused ? this.total_bytes - this.#index.bytes : 0;
  }

  goOn(): void {
    this.#paused = false;
    this.#order({ kind: 'go on' });
    this.#changed();
  }

  get errors(): readonly number[] {
    return this.#index.errors;
  }

  /** The line to open at, `null` when there is no error, `undefined` while nobody knows. */
  get first_error(): number | null | undefined {
    if (this.#told.first_error_line !== null) return this.#told.first_error_line - 1;
    if (this.#index.errors[0] !== undefined) return this.#index.errors[0];
    return this.#read || this.#told.lines !== null ? null : undefined;
  }

  line(line: number): LineText | null {
    return readLine(this.#index, this.total_bytes, (chunk) => this.#get(chunk), line);
  }

  /** Reads ahead of the scan for a line near the first error, whose place the server told. */
  approach(line: number): void {
    const anchor = this.#anchorChunk();
    if (anchor === null || this.#index.placeOf(line) !== null) return;
    const chunk = this.#index.chunkToward(line, anchor);
    if (chunk !== null) this.#get(chunk);
  }

  /** The first line that begins at an offset or after it; null while its place is not known. */
  lineFrom(offset: number): number | null {
    const known = this.#starts.get(offset);
    if (known !== undefined) return known;
    const found = lineFrom(this.#index, (chunk) => this.#get(chunk), offset);
    if (found !== null && offset < this.#index.bytes) this.#starts.set(offset, found);
    return found;
  }

  #get(chunk: number): Chunk | null {
    return this.#chunks.get(chunk, this.total_bytes);
  }

  #anchorChunk(): number | null {
    const { first_error_offset } = this.#told;
    return first_error_offset === null ? null : Math.floor(first_error_offset / CHUNK_BYTES);
  }

  /** The server's word about the first error tells where the lines around it are, long before the scan does. */
  #learn(chunk: number, kept: Chunk): void {
    const { live, first_error_offset, first_error_line } = this.#told;
    const whole = kept.bytes.length === CHUNK_BYTES;
    if (whole || (!live && chunk * CHUNK_BYTES + kept.bytes.length === this.#told.bytes)) {
      let before: number | null = null;
      if (chunk === this.#anchorChunk() && first_error_offset !== null && first_error_line !== null) {
        const place = first_error_offset - chunk * CHUNK_BYTES;
        before = first_error_line - 1 - kept.newlines.filter((newline) => newline < place).length;
      }
      this.#index.learn(chunk, kept.newlines.length, before);
    }
    this.#changed();
  }

  #hear(word: ScanWord): void {
    this.#index.apply(word.progress);
    this.#paused = word.paused;
    if (word.read && !this.#read) {
      this.#read = true;
      this.#streamed_bytes = this.#index.bytes;
      if (this.#told.live) this.#stream.start(this.#index.bytes);
      else this.#order({ kind: 'end' });
    }
    this.#changed();
  }

  #grow(offset: number, bytes: Uint8Array): void {
    const fresh = bytes.subarray(Math.max(0, this.#streamed_bytes - offset));
    if (fresh.length === 0) return;
    this.#chunks.append(this.#streamed_bytes, fresh);
    this.#order({ kind: 'more', bytes: fresh });
    this.#streamed_bytes += fresh.length;
  }

  #order(order: ScanOrder): void {
    this.#worker.postMessage(order);
  }

  #changed(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.version.value++;
    });
  }
}

async function fetchBytes(address: string): Promise<Uint8Array> {
  const response = await fetch(address);
  if (!response.ok) throw await problemFrom(response);
  return new Uint8Array(await response.arrayBuffer());
}
