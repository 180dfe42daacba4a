import type { Readable, Writable } from 'node:stream';
import { type Clock, systemClock } from '../base/clock.ts';
import { packageRoot } from './package-root.ts';

/** Where answers go; the extra fields are those of a terminal. */
export interface Output extends Writable {
  isTTY?: boolean;
  columns?: number;
  rows?: number;
}

export interface Input extends Readable {
  isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What a variable of the environment says; one that is empty says nothing, as one that is not set. */
export function settingOf(environment: Environment, name: string): string | undefined {
  const text = environment[name];
  return text === '' ? undefined : text;
}

/** The data directory that a flag or the environment names, as it was written; undefined: none. */
export function namedData(flags: { data?: string | undefined }, environment: Environment): string | undefined {
  return flags.data ?? settingOf(environment, 'GROUNDCREW_DATA');
}

/**
 * A command of this program, or a text that ends in one after a colon, as it is typed here: by npx when that started
 * this, else by its name alone. npm says so in the environment of what it starts.
 */
export function asTyped(text: string, environment: Environment): string {
  const program = environment.npm_command === 'exec' ? 'npx groundcrew' : 'groundcrew';
  return text.replace(/(^|: )(?:npx )?groundcrew (?=[a-z])/g, (_whole, before: string) => `${before}${program} `);
}

/** Everything outside that commands touch, so that tests run them in their own process. */
export interface Surroundings {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Environment;
  /** Relative paths begin here. */
  readonly directory: string;
  /** Where this program's package is: a server that was started there is found from everywhere. */
  readonly installation: string;
  readonly clock: Clock;
  /**
   * Aborted by the first Ctrl-C or SIGTERM after this was asked for. A command that never asks is ended by them at
   * once, which is right wherever there is nothing to tidy up.
   */
  interruption(): AbortSignal;
  /** Ends the process at once. */
  leave(status: number): void;
}

/** The real ones. */
export function processSurroundings(): Surroundings {
  let controller: AbortController | null = null;
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    directory: process.cwd(),
    installation: packageRoot(),
    clock: systemClock,
    interruption() {
      if (controller !== null) return controller.signal;
      const mine = new AbortController();
      controller = mine;
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => mine.abort());
      return mine.signal;
    },
    leave: (status) => process.exit(status),
  };
}
