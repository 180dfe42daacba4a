import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '../../src/base/clock.ts';
import { GroundcrewError } from '../../src/base/errors/error.ts';
import { formatDuration } from '../../src/base/units.ts';
import type { Context } from '../context.ts';
import type { Collection, CollectRequest, FoundFile } from './collect.ts';
import type { CollectAnswer, FilesRequest } from './main.ts';

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const READ_BYTES = 2 ** 18;
const ANSWER_BYTES = 8 * 2 ** 20;

/** The archive's transport broke: to be tried again. Everything else that `unpackInChild` throws is final. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
}

/**
 * The child was killed, could not be started or said nothing: that tells of the node, and nothing of the files. What the
 * child itself reported is any other error.
 */
export class ChildLost extends Error {
  override readonly name = 'ChildLost';
}

/**
 * Unpacks a stream as the payload's user. Throws GC1903 for a refused archive, `TransportError` when the stream broke,
 * another `Error` when the child could not do it.
 */
export async function unpackInChild(
  context: Context,
  archive: Readable,
  directory: string,
  signal: AbortSignal,
): Promise<void> {
  const { checkout_entries, checkout_bytes } = context.limits;
  const limits = JSON.stringify({ entries: checkout_entries, bytes: checkout_bytes });
  const child = startChild(context, ['unpack', directory, limits], signal);
  const answers = new Answers(child);
  let broken: Error | null = null;
  archive.once('error', (error: Error) => {
    broken = error;
    // Closing its input instead would pass for the end of the archive.
    child.kill('SIGKILL');
  });
  // An early refusal closes the child's input while the rest is still coming: its answer counts.
  pipeline(archive, child.stdin).catch(() => {});
  try {
    await answers.line();
  } catch (error) {
    if (broken !== null) throw new TransportError('the checkout was cut off', { cause: broken });
    throw error;
  } finally {
    archive.destroy();
    child.kill('SIGKILL');
  }
}

/** Reads what a run left behind, as the payload's user. A lost child is started anew once; then `ChildLost`. */
export class WorkspaceFiles {
  readonly #start: () => { child: Child; answers: Answers };
  readonly #signal: AbortSignal;
  #running: { child: Child; answers: Answers };
  #restarts_left = 1;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(context: Context, directory: string, signal: AbortSignal) {
    const { clock, limits } = context;
    this.#signal = signal;
    this.#start = () => {
      const child = startChild(context, ['files', directory], signal);
      return { child, answers: new Answers(child, { clock, silence_ms: limits.transfer_ms }) };
    };
    this.#running = this.#start();
  }

  collect(request: CollectRequest): Promise<Collection> {
    return this.#inTurn(async (answers) => {
      this.#ask({ do: 'collect', request });
      const files: FoundFile[] = [];
      for (;;) {
        const answer = (await answers.line()) as CollectAnswer;
        if ('file' in answer) files.push(answer.file);
        else if ('notes' in answer) return { ...answer, files };
      }
    });
  }

  /** A file's bytes from an offset to the size it had when it was collected. Throws when it has become shorter. */
  async *read(file: FoundFile, offset: number): AsyncGenerator<Buffer> {
    for (let at = offset; at < file.size_bytes; ) {
      const length = Math.min(READ_BYTES, file.size_bytes - at);
      const data = await this.#inTurn(async (answers) => {
        this.#ask({ do: 'read', path: file.path, offset: at, length });
        const { bytes } = (await answers.line()) as { bytes: number };
        return bytes === 0 ? null : await answers.bytes(bytes);
      });
      if (data === null) throw new Error(`${file.path} became shorter while it was sent`);
      yield data;
      at += data.length;
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#running.child.kill('SIGKILL');
  }
  #isClosed = false;

  /** A reader that was given up may still wait for its answer: the next question comes after it. */
  #inTurn<T>(work: (answers: Answers) => Promise<T>): Promise<T> {
    const result = this.#turn.then(() => this.#insist(work));
    this.#turn = result.catch(() => {});
    return result;
  }

  /** Every question stands for itself, so that another child can answer it. */
  async #insist<T>(work: (answers: Answers) => Promise<T>): Promise<T> {
    try {
      return await work(this.#running.answers);
    } catch (error) {
      const isOver = this.#isClosed || this.#signal.aborted;
      if (!(error instanceof ChildLost) || isOver || this.#restarts_left === 0) throw error;
      this.#restarts_left--;
      this.#running.child.kill('SIGKILL');
      this.#running = this.#start();
      return await work(this.#running.answers);
    }
  }

  #ask(request: FilesRequest): void {
    this.#running.child.stdin.write(`${JSON.stringify(request)}\n`);
  }
}

function startChild(context: Context, words: string[], signal: AbortSignal): Child {
  const argv = [...context.settings.payload_command, ...context.program, 'workspace', ...words];
  const child = spawn(argv[0] as string, argv.slice(1), {
    cwd: '/',
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: context.settings.workspace },
    stdio: ['pipe', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
  });
  child.stdin.on('error', () => {});
  return child;
}

/** Lines and raw bytes in turn from the child's output; its end or error rejects with what it said last. */
class Answers {
  readonly #child: Child;
  #buffer: Buffer = Buffer.alloc(0);
  #ended: Error | null = null;
  #wake: (() => void) | null = null;
  #errors = '';
  readonly #patience: { clock: Clock; silence_ms: number } | null;

  /** Without `patience` there is no deadline: for an answer that comes after work bounded otherwise. */
  constructor(child: Child, patience: { clock: Clock; silence_ms: number } | null = null) {
    this.#child = child;
    this.#patience = patience;
    child.stdout.on('readable', () => this.#wake?.());
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-2000);
    });
    child.on('error', (error) =>
      this.#end(new ChildLost(`the workspace process failed: ${error.message}`, { cause: error })),
    );
    child.on('close', (code, signal) =>
      this.#end(new ChildLost(`the workspace process ended (${signal ?? code}) ${this.#errors.trim()}`.trim())),
    );
  }

  /** Throws what the child reported. */
  async line(): Promise<Record<string, unknown>> {
    let end = this.#buffer.indexOf(0x0a);
    while (end === -1) {
      if (this.#buffer.length > ANSWER_BYTES) throw new Error('the answer of the workspace process is too long');
      await this.#more();
      end = this.#buffer.indexOf(0x0a);
    }
    const value = JSON.parse(this.#buffer.toString('utf8', 0, end)) as Record<string, unknown>;
    this.#buffer = this.#buffer.subarray(end + 1);
    if (typeof value.error === 'string') throw reported(value);
    return value;
  }

  async bytes(count: number): Promise<Buffer> {
    while (this.#buffer.length < count) await this.#more();
    const data = this.#buffer.subarray(0, count);
    this.#buffer = this.#buffer.subarray(count);
    return data;
  }

  async #more(): Promise<void> {
    const { clock, silence_ms = 0 } = this.#patience ?? {};
    // A file system that hangs (a dead network mount) hangs its reader for ever.
    const overdue = clock?.after(silence_ms, () => {
      this.#end(new ChildLost(`the workspace process said nothing for ${formatDuration(silence_ms)}`));
    });
    try {
      await this.#data();
    } finally {
      overdue?.stop();
    }
  }

  async #data(): Promise<void> {
    for (;;) {
      const data = this.#child.stdout.read() as Buffer | null;
      if (data !== null) {
        this.#buffer = this.#buffer.length === 0 ? data : Buffer.concat([this.#buffer, data]);
        return;
      }
      if (this.#ended) throw this.#ended;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #end(error: Error): void {
    this.#ended ??= error;
    this.#wake?.();
  }
}

function reported(answer: Record<string, unknown>): Error {
  if (answer.code !== 'GC1903') return new Error(String(answer.error));
  return new GroundcrewError('GC1903', answer.parameters as { entry: string; detail: string });
}
