import type { ServerMessage } from '../../protocol/agent.ts';

export interface ShellOptions {
  rows: number;
  columns: number;
  /** Null: a terminal with a login shell; else this command on plain pipes. */
  command: string | null;
  onOutput(data: Buffer): void;
  /** Some of the input was taken: the time to look at `untaken_bytes` again. */
  onTaken?(): void;
  /** Once, at the end; null when it ended without an exit code, for example with the connection. */
  onEnd(exit_code: number | null): void;
}

export interface Shell {
  input(data: Buffer): void;
  /** Input on its way to the shell. Whoever types more than a little beyond what is taken has to wait. */
  untaken_bytes(): number;
  /** Ends it; `onEnd` is not called any more. */
  close(): void;
}

/** The shells of people on one node, over its agent's one connection. */
export class Shells {
  readonly #send: (message: ServerMessage) => void;
  readonly #open = new Map<string, ShellOptions & { untaken_bytes: number }>();
  #opened = 0;

  constructor(send: (message: ServerMessage) => void) {
    this.#send = send;
  }

  open(options: ShellOptions): Shell {
    const shell_id = `shell-${++this.#opened}`;
    const shell = { ...options, untaken_bytes: 0 };
    this.#open.set(shell_id, shell);
    const { rows, columns, command } = options;
    this.#send({ type: 'shell_open', shell_id, rows, columns, command });
    return {
      input: (data) => {
        if (!this.#open.has(shell_id)) return;
        shell.untaken_bytes += data.length;
        this.#send({ type: 'shell_input', shell_id, data_base64: data.toString('base64') });
      },
      untaken_bytes: () => shell.untaken_bytes,
      close: () => {
        if (this.#open.delete(shell_id)) this.#send({ type: 'shell_close', shell_id });
      },
    };
  }

  output(shell_id: string, data_base64: string): void {
    this.#open.get(shell_id)?.onOutput(Buffer.from(data_base64, 'base64'));
  }

  taken(shell_id: string, bytes: number): void {
    const shell = this.#open.get(shell_id);
    if (shell === undefined) return;
    shell.untaken_bytes -= bytes;
    shell.onTaken?.();
  }

  end(shell_id: string, exit_code: number | null): void {
    const shell = this.#open.get(shell_id);
    this.#open.delete(shell_id);
    shell?.onEnd(exit_code);
  }

  /** The connection is gone, and with it every shell. */
  endAll(): void {
    for (const shell_id of [...this.#open.keys()]) this.end(shell_id, null);
  }
}
