import { dirname, isAbsolute, join } from 'node:path';
import { MAX_SUBSTITUTED_CHARACTERS, type Substitutions } from '../schema/substitute.ts';
import type { FileReader } from '../schema/yaml/file.ts';

/** Environment variables, as in `process.env`. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Largest file behind `${file:…}`. */
const MAX_SECRET_BYTES = 64 * 2 ** 10;

/** What `${…}` means in a configuration: the environment, and files with secrets beside the one that names them. */
export function configSubstitutions(variables: Variables, read: FileReader): Substitutions {
  return {
    variable: (name) => variableOf(variables, name),
    where: 'in the environment',
    known: [],
    budget: { characters: MAX_SUBSTITUTED_CHARACTERS },
    file: (path, from) => {
      const target = isAbsolute(path) ? path : join(dirname(from), path);
      const found = read(target, MAX_SECRET_BYTES);
      // One newline at the end is how editors and secret stores write files.
      return 'text' in found
        ? { text: found.text.replace(/\r?\n$/, '') }
        : { problem: `cannot read ${target}: ${found.problem}` };
    },
  };
}

/** Null when it is not set. */
export function variableOf(variables: Variables, name: string): string | null {
  return Object.hasOwn(variables, name) ? (variables[name] ?? null) : null;
}
