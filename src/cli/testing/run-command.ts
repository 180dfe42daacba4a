import { PassThrough, Writable } from 'node:stream';
import { systemClock } from '../../base/clock.ts';
import { runProgram } from '../program.ts';
import type { Input, Output, Surroundings } from '../surroundings.ts';

export interface CommandOptions {
  environment?: Record<string, string>;
  directory: string;
  /** Where the program's package is taken to be; here, so that no server of the checkout is found. */
  installation?: string;
  /** Columns of a terminal; a pipe when not given. */
  columns?: number;
  stdin?: string;
  /** Aborted: as if Ctrl-C were pressed. */
  interruption?: AbortSignal;
}

export interface CommandResult {
  status: number;
  stdout: string;
  stderr: string;
}

/** Collects what is written, as a terminal or as a pipe. */
export class Collected extends Writable {
  isTTY?: boolean;
  columns?: number;
  readonly #parts: Buffer[] = [];

  constructor(columns?: number) {
    super();
    if (columns === undefined) return;
    this.isTTY = true;
    this.columns = columns;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#parts.push(chunk);
    done();
  }

  get text(): string {
    return this.bytes.toString();
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

/** Runs one command line of the program in this process. */
export async function runCommand(words: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const stdout = new Collected(options.columns);
  const stderr = new Collected(options.columns);
  const stdin = new PassThrough() as Input;
  (stdin as PassThrough).end(options.stdin ?? '');
  const home: Surroundings = {
    stdin,
    stdout: stdout as Output,
    stderr: stderr as Output,
    environment: options.environment ?? {},
    directory: options.directory,
    installation: options.installation ?? options.directory,
    clock: systemClock,
    interruption: () => options.interruption ?? new AbortController().signal,
    leave: (status) => {
      throw new Error(`the program would have ended with ${status}`);
    },
  };
  const status = await runProgram(words, home);
  return { status, stdout: stdout.text, stderr: stderr.text };
}
