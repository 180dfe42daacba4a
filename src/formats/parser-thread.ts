import { Worker } from 'node:worker_threads';
import type { TestBatch } from './batch.ts';
import { DEFAULT_LIMITS, type ParseLimits, type ParseReport } from './contract.ts';
import type { FromParser, ToParser } from './thread-messages.ts';

/** Beside the source when it runs unbuilt, beside the bundle as a program of its own (tools/build.config.json). */
const ENTRY = new URL(import.meta.url.endsWith('.ts') ? './thread-entry.ts' : './parser-thread.js', import.meta.url);
/** A parser needs a few megabytes; this is where a mistake of ours would end instead of in the whole process. */
const HEAP_MIB = 128;
const BYTES_AT_ONCE = 128 * 1024;
/** Pieces that the thread has not taken yet. */
const PIECES_AHEAD = 32;

/** A thread that parses results files, one after the other. */
export class ParserThread {
  readonly #worker: Worker;
  #failure: Error | null = null;
  #waiting: (() => void) | null = null;
  #inbox: FromParser[] = [];

  constructor() {
    this.#worker = new Worker(ENTRY, {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB, maxYoungGenerationSizeMb: 16 },
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
    stream: AsyncIterable<Uint8Array>,
    sink: (batch: TestBatch) => Promise<void>,
    limits: ParseLimits = DEFAULT_LIMITS,
  ): Promise<ParseReport> {
    this.#send({ type: 'begin', limits });
    let ahead = 0;
    let stopped = false;
    const takeOne = async (): Promise<ParseReport | null> => {
      const message = await this.#next();
      if (message.type === 'batch') await sink(message.batch);
      if (message.type === 'taken') {
        ahead--;
        stopped ||= message.stopped;
      }
      return message.type === 'report' ? message.report : null;
    };
    for await (const piece of pieces(stream)) {
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

  #send(message: ToParser): void {
    this.#worker.postMessage(message, message.type === 'bytes' ? [message.bytes.buffer as ArrayBuffer] : []);
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

/** The stream in pieces of its own memory, so that they can be handed over without a copy. */
async function* pieces(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for await (const bytes of stream) {
    for (let start = 0; start < bytes.length; start += BYTES_AT_ONCE) {
      yield new Uint8Array(bytes.subarray(start, start + BYTES_AT_ONCE));
    }
  }
}
