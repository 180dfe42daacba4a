import type { ServerMessage } from '../protocol/agent.ts';

export interface ShellOptions {
  rows: number;
  columns: number;
  /** Null: a terminal with a login shell; else this command on plain pipes. */
  command: string | null;
  onOutput(data: Buffer): void;
  /** Once, at the end; null when it ended without an exit code, for example with the connection. */
  onEnd(exit_code: number | null): void;
}

export interface Shell {
  input(data: Buffer): void;
  /** Ends it; `onEnd` is not called any more. */
  close(): void;
}

/** The shells of people on one node, over its agent's one connection. */
export class Shells {
  readonly #send: (message: ServerMessage) => void;
  readonly #open = new Map<string, ShellOptions>();
  #opened = 0;

  constructor(send: (message: ServerMessage) => void) {
    this.#send = send;
  }

  open(options: ShellOptions): Shell {
    const shell_id = `shell-${++this.#opened}`;
    this.#open.set(shell_id, options);
    const { rows, columns, command } = options;
    this.#send({ type: 'shell_open', shell_id, rows, columns, command });
    return {
      input: (data) => {
        if (!this.#open.has(shell_id)) return;
        this.#send({ type: 'shell_input', shell_id, data_base64: data.toString('base64') });
      },
      close: () => {
        if (this.#open.delete(shell_id)) this.#send({ type: 'shell_close', shell_id });
      },
    };
  }

  output(shell_id: string, data_base64: string): void {
    this.#open.get(shell_id)?.onOutput(Buffer.from(data_base64, 'base64'));
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
