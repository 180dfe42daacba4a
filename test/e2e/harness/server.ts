import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../src/base/clock.ts';
import { packageRoot } from '../../../src/cli/package-root.ts';

const START_WITHIN_MS = 240_000;
const STOP_WITHIN_MS = 120_000;

/** The built program and the Node that it runs under. */
export const PROGRAM = join(packageRoot(), 'dist', 'groundcrew.js');
export const NODE = join(packageRoot(), 'node_modules', '.bin', 'node');

/** The program's own environment: nothing that this machine's user has set for a server of theirs. */
export function cleanEnvironment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(GROUNDCREW_(?!CI_RUN)|DATABASE_URL$|PG|NODE_)/.test(name),
  );
  return { ...Object.fromEntries(kept), ...more };
}

/** One server process. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #output: string;
  readonly #ended: Promise<void>;
  #has_ended = false;

  private constructor(child: ChildProcess, output: string) {
    this.#child = child;
    this.#output = output;
    this.#ended = new Promise((resolve) => {
      const settle = (): void => {
        this.#has_ended = true;
        resolve();
      };
      child.once('exit', settle);
      child.once('error', settle);
    });
  }

  /** Started, and not waited for. `output`: a file for what it prints. It dies with this process. */
  static launch(words: readonly string[], output: string, environment: Record<string, string> = {}): ServerProcess {
    const file = openSync(output, 'a', 0o600);
    const command = ['--pdeathsig', 'KILL', NODE, PROGRAM, ...words];
    const child = spawn('setpriv', command, { stdio: ['ignore', file, file], env: cleanEnvironment(environment) });
    closeSync(file);
    return new ServerProcess(child, output);
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  get exit_code(): number | null {
    return this.#child.exitCode;
  }

  hasEnded(): boolean {
    return this.#has_ended;
  }

  printed(): string {
    return readFileSync(this.#output, 'utf8');
  }

  /** Waits until the output, from `from` characters on, has the text. */
  async says(text: string, from = 0): Promise<void> {
    const deadline_ms = systemClock.monotonic_ms() + START_WITHIN_MS;
    while (!this.printed().slice(from).includes(text)) {
      if (this.#has_ended)
        throw new Error(`the server ended instead of saying "${text}":\n${this.printed().slice(-3000)}`);
      if (systemClock.monotonic_ms() > deadline_ms) throw new Error(`the server did not say "${text}" in time`);
      await systemClock.sleep(10);
    }
  }

  /** Power off: nothing is said, nothing is closed. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** In order, as an operator does it. Fails when it does not end by itself, or not with status 0. */
  async stop(): Promise<void> {
    if (this.#has_ended) return;
    this.#child.kill('SIGTERM');
    const patience = new AbortController();
    const late = systemClock.sleep(STOP_WITHIN_MS, patience.signal).then(
      () => true,
      () => false,
    );
    const is_late = await Promise.race([late, this.#ended.then(() => false)]);
    patience.abort();
    if (is_late) {
      await this.kill();
      throw new Error('the server did not stop in time after SIGTERM');
    }
    if (this.#child.exitCode !== 0) throw new Error(`the server stopped with status ${this.#child.exitCode}`);
  }

  async ended(): Promise<number | null> {
    await this.#ended;
    return this.#child.exitCode;
  }
}

/** Where the server of a data directory is, and the token that it made for programs of the same user. */
export function accessTo(data: string): { url: string; token: string } {
  return JSON.parse(readFileSync(join(data, 'client.json'), 'utf8')) as { url: string; token: string };
}
