import { type ChildProcess, type ChildProcessWithoutNullStreams, execFile } from 'node:child_process';
import type { AgentMessage, ServerMessage } from '../../src/protocol/agent.ts';
import type { Context } from '../context.ts';
import { nodeEnvironment, stepEnvironment } from '../payloads/run/environment.ts';
import { spawnBehind } from '../processes/behind.ts';
import { signalProcess } from '../processes/end.ts';
import { processTable, withDescendants } from '../processes/table.ts';

type ShellOpen = Extract<ServerMessage, { type: 'shell_open' }>;

export interface ShellServer {
  send(message: AgentMessage): boolean;
  buffered_bytes(): number;
}

const PROMPT_MS = 2_000;
const SETTLE_MS = 50;
const MOST_SHELLS = 16;
/** Beyond this much unsent output the shell waits. */
const BUFFER_BYTES = 2 ** 20;
const OUTPUT_BYTES = 32 * 2 ** 10;
/** Where it begins. What only tells the beginning is none of what is typed, or of what that starts. */
const ENTER = 'cd "$GROUNDCREW_DIRECTORY"; unset GROUNDCREW_DIRECTORY GROUNDCREW_ROWS GROUNDCREW_COLUMNS; ';
/** With a terminal; `sane` because `script` turns echo off when its own input is none. */
const TERMINAL_COMMAND =
  `stty sane rows "$GROUNDCREW_ROWS" cols "$GROUNDCREW_COLUMNS"; ${ENTER}` +
  'if command -v bash >/dev/null; then exec bash -i; else exec sh -i; fi';

/** Shells of people on this node: any number up to a bound, each with its own processes, gone with the connection. */
export class Shells {
  readonly #context: Context;
  readonly #server: ShellServer;
  readonly #shells = new Map<string, ChildProcess>();
  #hasTerminal: Promise<boolean> | null = null;
  /** Every shell that is open or being opened; settled when it takes input. */
  readonly #ready = new Map<string, Promise<void>>();

  constructor(context: Context, server: ShellServer) {
    this.#context = context;
    this.#server = server;
  }

  open(request: ShellOpen): void {
    const { shell_id } = request;
    if (this.#ready.has(shell_id)) return;
    const isFull = this.#ready.size >= MOST_SHELLS;
    this.#ready.set(shell_id, isFull ? Promise.resolve() : this.#start(request));
    if (isFull) this.#refuse(shell_id, `there are ${MOST_SHELLS} shells open already`);
  }

  /** Resolves when the shell takes input. */
  async #start(request: ShellOpen): Promise<void> {
    const { shell_id } = request;
    this.#hasTerminal ??= this.#probeTerminal();
    const wantsTerminal = request.command === null && (await this.#hasTerminal);
    // Closed while the terminal was tried.
    if (request.command === null && !this.#ready.has(shell_id)) return;
    const child = spawnBehind(this.#context.settings, commandOf(request, wantsTerminal), {
      env: this.#environment(request),
      marker: {},
      stdio: ['pipe', 'pipe', 'pipe'],
    }) as ChildProcessWithoutNullStreams;
    this.#shells.set(shell_id, child);
    const pid = child.pid;
    if (pid !== undefined) this.#context.shells.add(pid);
    child.stdin.on('error', () => {});
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data: Buffer) => {
        this.#output(shell_id, data);
        if (this.#server.buffered_bytes() > BUFFER_BYTES) this.#holdBack(stream);
      });
    }
    child.on('error', (error) => this.#refuse(shell_id, `cannot start a shell: ${error.message}`));
    child.on('exit', (code) => void this.#ended(shell_id, child, code));
    if (wantsTerminal) await this.#firstOutput(child.stdout);
  }

  async input(shell_id: string, data: Buffer): Promise<void> {
    await this.#ready.get(shell_id);
    const stdin = this.#shells.get(shell_id)?.stdin;
    if (!stdin) return;
    // No bytes: the end of input.
    if (data.length === 0) return void stdin.end();
    // Also when the shell reads no more: what was thrown away waits no longer, and whoever types must not either.
    stdin.write(data, () => this.#server.send({ type: 'shell_taken', shell_id, bytes: data.length }));
  }

  close(shell_id: string): void {
    const child = this.#shells.get(shell_id);
    this.#shells.delete(shell_id);
    this.#ready.delete(shell_id);
    if (child?.pid !== undefined) this.#kill(child.pid);
  }

  closeAll(): void {
    for (const shell_id of [...this.#ready.keys()]) this.close(shell_id);
  }

  /** What is typed before the shell has set up its terminal is thrown away by it, so input waits for the prompt. */
  async #firstOutput(output: NodeJS.ReadableStream): Promise<void> {
    const { clock } = this.#context;
    const spoken = new Promise<void>((resolve) => output.once('data', () => resolve()));
    await Promise.race([spoken, clock.sleep(PROMPT_MS)]);
    await clock.sleep(SETTLE_MS);
  }

  async #ended(shell_id: string, child: ChildProcess, code: number | null): Promise<void> {
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    // A background process may hold the pipe open: its output is not waited for.
    await Promise.race([closed, this.#context.clock.sleep(300)]);
    if (child.pid !== undefined) this.#context.shells.delete(child.pid);
    if (this.#shells.get(shell_id) !== child) return;
    this.#shells.delete(shell_id);
    this.#ready.delete(shell_id);
    this.#server.send({ type: 'shell_end', shell_id, exit_code: code });
  }

  #refuse(shell_id: string, sentence: string): void {
    this.#output(shell_id, Buffer.from(`groundcrew: ${sentence}\r\n`));
    this.#shells.delete(shell_id);
    this.#ready.delete(shell_id);
    this.#server.send({ type: 'shell_end', shell_id, exit_code: null });
  }

  #output(shell_id: string, data: Buffer): void {
    if (!this.#ready.has(shell_id)) return;
    for (let start = 0; start < data.length; start += OUTPUT_BYTES) {
      const part = data.subarray(start, start + OUTPUT_BYTES);
      this.#server.send({ type: 'shell_output', shell_id, data_base64: part.toString('base64') });
    }
  }

  #holdBack(stream: NodeJS.ReadableStream): void {
    stream.pause();
    const timer = this.#context.clock.every(50, () => {
      if (this.#server.buffered_bytes() > BUFFER_BYTES) return;
      timer.stop();
      stream.resume();
    });
  }

  #kill(pid: number): void {
    for (const below of withDescendants(processTable(), new Set([pid]))) {
      signalProcess(this.#context, below, 'SIGKILL');
    }
  }

  #environment(request: ShellOpen): Record<string, string> {
    const kept = this.#context.state.value;
    // The last one: with several at once nobody says yet which is meant.
    const run = kept.runs.at(-1);
    const environment = run ? stepEnvironment(kept, run, {}, process.env) : nodeEnvironment(kept, process.env);
    // Not the run's: it must not be ended with it.
    delete environment.GROUNDCREW_MARKER;
    return {
      ...environment,
      TERM: 'xterm-256color',
      SHELL: '/bin/sh',
      GROUNDCREW_DIRECTORY: run?.directory ?? kept.settings.workspace,
      GROUNDCREW_ROWS: String(request.rows || 24),
      GROUNDCREW_COLUMNS: String(request.columns || 80),
    };
  }

  /** A node may lack util-linux's `script`, or a place for terminals (/dev/pts). */
  #probeTerminal(): Promise<boolean> {
    const argv = [...this.#context.settings.payload_command, 'script', '-qec', 'true', '/dev/null'];
    return new Promise((resolve) => {
      const child = execFile(argv[0] as string, argv.slice(1), { cwd: '/', timeout: 5_000 }, (error) =>
        resolve(!error),
      );
      child.stdin?.end();
    });
  }
}

function commandOf(request: ShellOpen, wantsTerminal: boolean): string[] {
  if (request.command !== null) return ['sh', '-c', `exec 2>&1; ${ENTER}eval "$1"`, 'sh', request.command];
  if (wantsTerminal) return ['script', '-qfec', TERMINAL_COMMAND, '/dev/null'];
  return ['sh', '-c', `exec 2>&1; ${ENTER}exec sh -i`];
}
