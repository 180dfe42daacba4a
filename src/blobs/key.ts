import { GroundcrewError } from '../base/errors/error.ts';

const PART = /^[A-Za-z0-9_=+@-][A-Za-z0-9._=+@-]*$/;
const LONGEST_PART_CHARACTERS = 200;
const LONGEST_KEY_CHARACTERS = 800;

/**
 * Refuses what is not a plain relative path: no empty part, none that begins with a dot (so no `..` either), nothing
 * that means something to a file system, a URL or a shell. Error: GC1220.
 */
export function checkKey(key: string): void {
  const problem = problemOf(key);
  if (problem !== null)
    throw new GroundcrewError('GC1220', { key: JSON.stringify(key.slice(0, 200)), detail: problem });
}

function problemOf(key: string): string | null {
  if (key === '') return 'it is empty.';
  if (key.length > LONGEST_KEY_CHARACTERS) return `it is longer than ${LONGEST_KEY_CHARACTERS} characters.`;
  for (const part of key.split('/')) {
    if (part === '') return 'a part of it is empty.';
    if (part.length > LONGEST_PART_CHARACTERS) return `a part is longer than ${LONGEST_PART_CHARACTERS} characters.`;
    if (!PART.test(part)) return `the part ${JSON.stringify(part)} holds or begins with what is not allowed.`;
  }
  return null;
}

/** A prefix for a list: the beginning of a key, or everything. Error: GC1220. */
export function checkPrefix(prefix: string): void {
  if (prefix !== '') checkKey(prefix.endsWith('/') ? prefix.slice(0, -1) : prefix);
}
