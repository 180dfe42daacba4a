// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${…} is what people write in the file.
import { nearest } from '../base/suggest.ts';
import { formatPath, type Path } from './path.ts';
import type { Problems } from './yaml/problems.ts';
import { type Place, quote, type ScalarTree } from './yaml/tree.ts';

/** Where the values of `${…}` come from. */
export interface Substitutions {
  /** The value of a name, or null when there is none. */
  variable(name: string): string | null;
  /** In words, where names are looked up: `in the environment`. */
  readonly where: string;
  /** How else a name is given its value, beside the environment: `pass --var NAME=…`. */
  readonly give?: (name: string) => string;
  /** Characters that substitution may still make, in the whole document: bounds what hostile texts can cost. */
  readonly budget: { characters: number };
  /** Names that exist, for a suggestion; not those of the environment, which may be private. */
  readonly known: readonly string[];
  /** The text of a file that a text of the file `from` names, or what is wrong. Null where files are not offered. */
  readonly file: ((path: string, from: string) => { text: string } | { problem: string }) | null;
  /** Where names come from is broken, and was complained about: a text with `${NAME}` has no value that can be judged. */
  readonly incomplete?: true;
}

const REFERENCE = /\$\$\{|\$\{([^}]*)(\}?)/g;
const NAME = /^([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/;
/** Most characters of a value after substitution. */
const MAX_VALUE_CHARACTERS = 64 * 2 ** 10;
/** Most characters that a document may grow by; see `Substitutions.budget`. */
export const MAX_SUBSTITUTED_CHARACTERS = 32 * 2 ** 20;

/**
 * Replaces `${NAME}`, `${NAME:-default}` and `${file:path}` in a text; `$${` stays `${`. Null, with problems reported,
 * when something has no value. The values themselves are never part of a message.
 */
export function substitute(
  scalar: ScalarTree,
  path: Path,
  substitutions: Substitutions,
  problems: Problems,
): ScalarTree | null {
  if (typeof scalar.value !== 'string' || !scalar.value.includes('${')) return scalar;
  let failed = false;
  let replaced = false;
  let length = scalar.value.length;
  const value = scalar.value.replace(REFERENCE, (whole, inner: string | undefined, close: string, offset: number) => {
    if (inner === undefined) return '${';
    replaced = true;
    const found =
      close === ''
        ? { problem: 'this ${ is never closed with }' }
        : resolve(inner, scalar.place.source.file, substitutions);
    if ('text' in found) {
      length += found.text.length;
      return length > MAX_VALUE_CHARACTERS ? '' : found.text;
    }
    failed = true;
    if ('problem' in found) problems.add(placeInside(scalar, offset), formatPath(path), found.problem);
    return whole;
  });
  if (failed) return null;
  substitutions.budget.characters -= length;
  const complaint = complaintAbout(value, length, substitutions);
  if (complaint !== null) {
    problems.add(scalar.place, formatPath(path), `the value of ${quote(scalar.value)} ${complaint}`);
    return null;
  }
  return { ...scalar, value, written: value, substituted_from: replaced ? quote(scalar.value).slice(1, -1) : null };
}

function complaintAbout(value: string, length: number, { budget }: Substitutions): string | null {
  if (length > MAX_VALUE_CHARACTERS) return `is too long: ${MAX_VALUE_CHARACTERS} characters are the most`;
  if (budget.characters < 0) return 'makes the document too large';
  return value.includes('\0') || !value.isWellFormed() ? 'is not text' : null;
}

function resolve(
  inner: string,
  from: string,
  substitutions: Substitutions,
): { text: string } | { problem: string } | { unknown: true } {
  const forms =
    substitutions.file === null ? '${NAME} or ${NAME:-default}' : '${NAME}, ${NAME:-default} or ${file:PATH}';
  if (inner.startsWith('file:') && substitutions.file !== null) return substitutions.file(inner.slice(5), from);
  const match = NAME.exec(inner);
  if (match === null)
    return { problem: `${quote(`\${${inner}}`)} is not understood: write ${forms}, or $\${ for a plain \${` };
  const [, name, otherwise] = match as unknown as [string, string, string | undefined];
  const value = substitutions.variable(name);
  if (substitutions.incomplete === true) return { unknown: true };
  // As in a shell: the default also stands in for an empty value.
  if (value !== null && (value !== '' || otherwise === undefined)) return { text: value };
  if (otherwise !== undefined) return { text: otherwise };
  const meant = nearest(name, substitutions.known);
  const given = substitutions.give === undefined ? '' : `, ${substitutions.give(name)}`;
  const advice =
    meant === null ? `Set it${given}, or give a default: \${${name}:-default}` : `Did you mean \${${meant}}?`;
  return { problem: `\${${name}} is not set ${substitutions.where}. ${advice}` };
}

/** The place of a character in a text, when the file has it as it is (plain or in quotes, on one line). */
function placeInside(scalar: ScalarTree, index: number): Place {
  const { source, offset } = scalar.place;
  for (const quoteLength of [0, 1]) {
    const start = offset + quoteLength;
    if (source.text.startsWith(scalar.written, start)) return { source, offset: start + index };
  }
  return scalar.place;
}
