import { InvalidArgumentError } from 'commander';
import { GroundcrewError } from '../../base/errors/error.ts';
import { nearest } from '../../base/suggest.ts';
import { parseDuration_ms } from '../../base/units.ts';

/** `8h` as milliseconds. */
export function parseDuration(text: string): number {
  const duration_ms = parseDuration_ms(text);
  if (duration_ms === null || duration_ms <= 0) {
    throw new InvalidArgumentError('It needs a number and a unit: 30m, 8h, 2d.');
  }
  return Math.round(duration_ms);
}

/** The number of a thing; GC1048 when the text is none, with the command that shows them: `token list`. */
export function numberOf(kind: string, text: string, list: string): number {
  if (!/^[1-9][0-9]{0,14}$/.test(text)) throw new GroundcrewError('GC1048', { kind, text, list });
  return Number(text);
}

/** The number of a run, as it stands in addresses. Errors: GC1048. */
export function runOf(text: string): string {
  return String(numberOf('run', text, 'run list'));
}

/** A TCP port, 0 for any free one. */
export function parsePort(text: string): number {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
  return port;
}

/** A path; an empty one, as of a variable that is not set, would mean the current directory. */
export function parsePath(text: string): string {
  if (text === '') throw new InvalidArgumentError('It is empty; name a directory.');
  return text;
}

/** A parser of words with commas between them, each one of the known ones. */
export function parseWords(known: readonly string[]): (text: string) => string {
  return (text) => {
    const words = text.split(',').map((word) => word.trim());
    const stranger = words.find((word) => !known.includes(word));
    if (stranger === undefined) return words.join(',');
    const meant = nearest(stranger, known);
    const hint = meant === null ? '' : ` Did you mean ${meant}?`;
    throw new InvalidArgumentError(`"${stranger}" is not one of ${known.join(', ')}.${hint}`);
  };
}
