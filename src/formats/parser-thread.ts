import { Worker } from 'node:worker_threads';
import type { TestBatch } from './batch.ts';
import { DEFAULT_PARSE_LIMITS, type Format, type ParseLimits, type ParseReport } from './contract.ts';
import type { FromParser, ToParser } from './thread-messages.ts';

/** Beside the source when it runs unbuilt, beside the bundle as a program of its own (tools/build.config.json). */
const ENTRY = new URL(import.meta.url.endsWith('.ts') ? './thread-entry.ts' : './parser-thread.js', import.meta.url);
/** A parser needs a few megabytes; this is where a mistake of ours would end instead of in the whole process. */
const HEAP_MIB = 128;
/** Nearly all that is made here is garbage soon: a small nursery stays in the cache, and costs less memory. */
const YOUNG_MIB = 8;
const BYTES_AT_ONCE = 128 * 1024;
/** Pieces that the thread has not taken yet. */
const PIECES_AHEAD = 8;

/** A thread that parses results files, one after the other. */
export class ParserThread {
  readonly #worker: Worker;
  #failure: Error | null = null;
  #waiting: (() => void) | null = null;
  #inbox: FromParser[] = [];
  /** Memory that came back. */
  readonly #spare: ArrayBuffer[] = [];

  constructor() {
    this.#worker = new Worker(ENTRY, {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB, maxYoungGenerationSizeMb: YOUNG_MIB },
      execArgv: [],
    });
    this.#worker.on('message', (message: FromParser) => this.#deliver(message));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', (code) => this.#fail(new Error(`the parser thread ended with status ${code}`)));
  }

  /**
   * Parses one file; each batch is awaited before more bytes are sent. Rejects when the stream, the sink or the thread
   * fails; a problem of the content is in the report.
   */
  async parse(
    format: Format,
    stream: AsyncIterable<Uint8Array>,
    sink: (batch: TestBatch) => Promise<void>,
    limits: ParseLimits = DEFAULT_PARSE_LIMITS,
  ): Promise<ParseReport> {
    this.#send({ type: 'begin', format: format.name, limits });
    let ahead = 0;
    let stopped = false;
    const takeOne = async (): Promise<ParseReport | null> => {
      const message = await this.#next();
      if (message.type === 'batch') await sink(message.batch);
      if (message.type === 'taken') {
        ahead--;
        this.#spare.push(message.memory);
        stopped ||= message.stopped;
      }
      return message.type === 'report' ? message.report : null;
    };
    for await (const piece of this.#pieces(stream)) {
      this.#send({ type: 'bytes', bytes: piece });
      ahead++;
      while (ahead >= PIECES_AHEAD || this.#inbox.length > 0) await takeOne();
      if (stopped) break;
    }
    this.#send({ type: 'end' });
    for (;;) {
      const report = await takeOne();
      if (report !== null) return report;
    }
  }

  /** Ends the thread, whatever it does. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  /** The stream in pieces of one size, in memory that goes to the thread and comes back. */
  async *#pieces(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    let piece = this.#emptyPiece();
    let filled = 0;
    for await (const bytes of stream) {
      for (let start = 0; start < bytes.length; ) {
        const part = bytes.subarray(start, start + piece.length - filled);
        piece.set(part, filled);
        start += part.length;
        filled += part.length;
        if (filled < piece.length) continue;
        yield piece;
        piece = this.#emptyPiece();
        filled = 0;
      }
    }
    if (filled > 0) yield piece.subarray(0, filled);
  }

  #emptyPiece(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#spare.pop() ?? new ArrayBuffer(BYTES_AT_ONCE));
  }

  #send(message: ToParser): void {
    this.#worker.postMessage(message, message.type === 'bytes' ? [message.bytes.buffer] : []);
  }

  async #next(): Promise<FromParser> {
    while (this.#inbox.length === 0) {
      if (this.#failure !== null) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    return this.#inbox.shift() as FromParser;
  }

  #deliver(message: FromParser): void {
    this.#inbox.push(message);
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
