import type { Clock } from '../base/clock.ts';
import { type ConnectionPlace, DEFAULT_DATA_DIRECTORY, lookHere, type ServerHere } from './client-files.ts';
import { type Client, connect } from './connect.ts';
import { asTyped, namedData, type Surroundings } from './surroundings.ts';
import { createPaint, type Paint } from './text/paint.ts';

/** Flags that every command knows. */
export interface GlobalFlags {
  server?: string;
  token?: string;
  data?: string;
  json?: boolean;
  color?: boolean;
  verbose?: boolean;
}

/** What a command is handed: where it runs, how it was asked, and how it answers. */
export class Context {
  readonly home: Surroundings;
  readonly flags: GlobalFlags;
  readonly paint: Paint;
  /** Characters of a line of the terminal; null in a pipe, where nothing is cut. */
  readonly width: number | null;
  #client: Client | null = null;
  #here: ServerHere | undefined;
  #has_told = false;

  constructor(home: Surroundings, flags: GlobalFlags) {
    this.home = home;
    this.flags = flags;
    const terminal = home.stdout.isTTY === true;
    this.paint = createPaint(terminal && isColoured(home, flags));
    this.width = terminal ? Math.max(20, home.stdout.columns ?? 80) : null;
  }

  get clock(): Clock {
    return this.home.clock;
  }

  get json(): boolean {
    return this.flags.json === true;
  }

  /** Before `client`: looks at what here may name the server. */
  async lookHere(): Promise<void> {
    const { environment, directory, installation, clock } = this.home;
    this.#here = await lookHere(this.flags, { environment, directory, installation, clock });
  }

  /** The server that the flags, the environment or the data directory name. Errors: GC1012. */
  client(): Client {
    this.#client ??= this.#connect(this.flags, this.home.installation);
    const { answering = null, left_behind = null } = this.#here ?? {};
    // Programs read one document there, when it is an error.
    if (left_behind !== null && !this.json && !this.#has_told) {
      this.note(`· the server of ${left_behind} does not answer; that of ${answering} is asked`);
      this.#has_told = true;
    }
    return this.#client;
  }

  /** As `client`, but never a server of other data than those that are named, or that a server here would use. */
  clientHere(): Client {
    const named = namedData(this.flags, this.home.environment);
    return this.#connect({ ...this.flags, data: named ?? this.#here?.configured ?? DEFAULT_DATA_DIRECTORY }, null);
  }

  #connect(flags: GlobalFlags, installation: string | null): Client {
    const { environment, directory } = this.home;
    const tell = this.flags.verbose === true ? (line: string) => this.note(line) : undefined;
    const place: ConnectionPlace = { environment, directory, installation, here: this.#here, tell };
    return connect(flags, place);
  }

  /** A line of the answer. */
  say(line = ''): void {
    this.home.stdout.write(`${line}\n`);
  }

  sayAll(lines: readonly string[]): void {
    if (lines.length > 0) this.home.stdout.write(`${lines.join('\n')}\n`);
  }

  /** A command of this program as it is typed where this one was. */
  typed(command: string): string {
    return asTyped(command, this.home.environment);
  }

  /** A line beside the answer, for people. */
  note(line: string): void {
    this.home.stderr.write(`${asTyped(line, this.home.environment)}\n`);
  }

  /** The answer as one JSON document. */
  sayJson(answer: unknown): void {
    this.home.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
  }

  /** One event of a stream, on a line. */
  sayEvent(event: unknown): void {
    this.home.stdout.write(`${JSON.stringify(event)}\n`);
  }
}

/** See https://no-color.org: set to anything but nothing. */
export function isColoured(home: Surroundings, flags: GlobalFlags): boolean {
  const { NO_COLOR, TERM } = home.environment;
  return flags.color !== false && (NO_COLOR ?? '') === '' && TERM !== 'dumb';
}
