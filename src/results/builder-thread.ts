import { closeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { type TestBatch, transferOf } from '../formats/batch.ts';
import type { Builder, BuiltResults } from './builder.ts';
import type { BuilderFiles, FromBuilder, ToBuilder } from './builder-messages.ts';
import type { PreparedChunk } from './chunk-builder.ts';
import { openNameless, Spool } from './spool.ts';

/** Beside the source when it runs unbuilt, beside the bundle as a program of its own (tools/build.config.json). */
const ENTRY = new URL(import.meta.url.endsWith('.ts') ? './builder-entry.ts' : './builder-thread.js', import.meta.url);
/** Keeps the collector at work: what is sorted here lies in files. */
const HEAP_MIB = 128;
/** Nearly all that is made here is garbage soon: a small nursery stays in the cache, and costs less memory. */
const YOUNG_MIB = 8;
/** Batches that the thread has not taken yet. */
const BATCHES_AHEAD = 4;

/** A builder in a thread of its own, for big runs: the main thread only passes batches on. */
export class BuilderThread implements Builder {
  #files: BuilderFiles | null;
  readonly #worker: Worker;
  #ahead = 0;
  #failure: Error | null = null;
  #built: Omit<BuiltResults, 'spool'> | null = null;
  #waiting: (() => void) | null = null;

  constructor(spool_directory?: string) {
    const files = [
      openNameless(spool_directory),
      openNameless(spool_directory),
      openNameless(spool_directory),
    ] as const;
    this.#files = { sorted: files[0], texts: files[1], output: files[2] };
    this.#worker = new Worker(ENTRY, {
      workerData: this.#files,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB, maxYoungGenerationSizeMb: YOUNG_MIB },
      execArgv: [],
    });
    this.#worker.on('message', (message: FromBuilder) => this.#take(message));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', (code) => this.#fail(new Error(`the builder thread ended with status ${code}`)));
  }

  async add(file: number, batch: TestBatch): Promise<void> {
    this.#send({ type: 'add', file, batch }, transferOf(batch));
    this.#ahead++;
    await this.#until(() => this.#ahead < BATCHES_AHEAD);
  }

  async finish(): Promise<BuiltResults> {
    this.#send({ type: 'finish' }, []);
    await this.#until(() => this.#built !== null);
    const built = this.#built as Omit<BuiltResults, 'spool'>;
    await this.#worker.terminate();
    const { sorted, texts, output } = this.#files as BuilderFiles;
    this.#files = null;
    closeSync(sorted);
    closeSync(texts);
    const spool = new Spool(undefined, { open: output, borrowed: false });
    return { ...built, chunks: built.chunks.map(withBuffers), spool };
  }

  async abandon(): Promise<void> {
    await this.#worker.terminate();
    // Null when it was finished: then the output belongs to whoever got it.
    const files = this.#files === null ? [] : [this.#files.sorted, this.#files.texts, this.#files.output];
    this.#files = null;
    for (const file of files) closeSync(file);
  }

  #send(message: ToBuilder, transfer: ArrayBuffer[]): void {
    this.#worker.postMessage(message, transfer);
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.#failure !== null) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
  }

  #take(message: FromBuilder): void {
    if (message.type === 'added') this.#ahead--;
    else this.#built = message.built;
    this.#wake();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#wake();
  }

  #wake(): void {
    this.#waiting?.();
    this.#waiting = null;
  }
}

/** Buffers come over as plain bytes. */
function withBuffers(chunk: PreparedChunk): PreparedChunk {
  const { hash, first_key, last_key, statuses, durations } = chunk;
  return {
    ...chunk,
    hash: bufferOf(hash),
    first_key: bufferOf(first_key),
    last_key: bufferOf(last_key),
    statuses: bufferOf(statuses),
    durations: durations === null ? null : bufferOf(durations),
  };
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
