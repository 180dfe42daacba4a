import type { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { createPaint, type Paint } from './paint.ts';

const INDENT = '  ';

/**
 * Lines that stay, and below them, on a terminal, a few that change in place. In a pipe the changing ones are left out:
 * what matters of them is said in lines that stay.
 */
export class Screen {
  readonly terminal: boolean;
  readonly paint: Paint;
  /** Columns for a line that stays, behind its indent; null in a pipe, where nothing is cut. */
  readonly width: number | null;
  readonly #out: Writable & { columns?: number };
  #changing: string[] = [];

  constructor(out: Writable & { isTTY?: boolean; columns?: number }, environment: NodeJS.ProcessEnv) {
    this.#out = out;
    this.terminal = out.isTTY === true && environment.TERM !== 'dumb';
    this.width = out.isTTY === true ? Math.max(20, out.columns ?? 80) - INDENT.length : null;
    this.paint = createPaint(this.terminal && (environment.NO_COLOR ?? '') === '');
  }

  /** A line that stays. */
  line(text = ''): void {
    const below = this.#changing;
    this.change([]);
    this.#out.write(text === '' ? '\n' : `${INDENT}${text}\n`);
    this.change(below);
  }

  /** Replaces the lines that change in place; none ends them. */
  change(lines: readonly string[]): void {
    if (!this.terminal) return;
    if (this.#changing.length > 0) this.#out.write(`\u001b[${this.#changing.length}A\u001b[0J`);
    const width = Math.max(20, (this.#out.columns ?? 80) - 3);
    this.#changing = [...lines];
    for (const line of lines) this.#out.write(`${INDENT}${cutTo(line, width)}\n`);
  }
}

/** Cuts what would wrap, since a wrapped line cannot be taken back. Colours are dropped from a line that is cut. */
function cutTo(line: string, width: number): string {
  const plain = stripVTControlCharacters(line).replaceAll('\t', '  ');
  return plain.length <= width ? line : `${plain.slice(0, width - 1)}…`;
}
