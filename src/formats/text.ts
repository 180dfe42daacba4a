import { hash } from 'node:crypto';
import { storable } from '../base/storable.ts';

/** Keeps the first characters of a text that comes in pieces and counts the rest. */
export class CappedText {
  #kept = '';
  #length = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  append(piece: string): void {
    const room = this.#limit - this.#kept.length;
    if (room > 0) this.#kept += piece.length <= room ? piece : piece.slice(0, room);
    this.#length += piece.length;
  }

  get length(): number {
    return this.#length;
  }

  /** Characters that were left out. */
  get cut(): number {
    return this.#length - this.#kept.length;
  }

  /** What was kept, without half a surrogate pair at its end and with U+FFFD for characters that PostgreSQL refuses. */
  toString(): string {
    return storable(this.#kept);
  }
}

/** A name as it is stored: never empty, never longer than the limit; a longer one ends in a hash of the whole. */
export function storableName(text: string, limit: number, placeholder: string): string {
  if (text === '') return placeholder;
  if (text.length <= limit) return storable(text);
  const digest = hash('sha256', text).slice(0, 16);
  return `${storable(text.slice(0, limit - 20))}…#${digest}`;
}

/** The first line with anything in it, trimmed; null when there is none. */
export function firstLine(text: string): string | null {
  return /\S[^\n]*/.exec(text)?.[0].trimEnd() ?? null;
}
