import type { Format } from './contract.ts';
import { JUNIT } from './junit/format.ts';

/** Every format that results files are read in. A new one adds its folder and a line here. */
export const FORMATS: readonly Format[] = [JUNIT];

/** The format of this name. Throws when there is none: names come from checked job files and from rows. */
export function formatNamed(name: string): Format {
  const format = FORMATS.find((one) => one.name === name);
  if (format === undefined) throw new Error(`there is no format ${name}`);
  return format;
}

/**
 * The likeliest format of a file, by its first bytes and its path. A file that no format knows is read as JUnit XML, what
 * most runners write, and refused by it with the place.
 */
export function detectFormat(head: Uint8Array, path: string): Format {
  let best: Format = JUNIT;
  let best_likeness = 0;
  for (const format of FORMATS) {
    const likeness = format.detect(head, path);
    if (likeness > best_likeness) {
      best = format;
      best_likeness = likeness;
    }
  }
  return best;
}
