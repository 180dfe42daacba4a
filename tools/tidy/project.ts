import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSource, type Source } from './source.ts';

/** The files of the checkout as the rules see them; tests make one from texts. */
export interface Project {
  /** Every file that git would keep, sorted, relative to the root. */
  readonly files: readonly string[];
  /** The text of one of them; binary files come out as replacement characters. */
  text(file: string): string;
  /** A TypeScript or JavaScript file taken apart. */
  source(file: string): Source;
}

/** Reads lazily, and each file once. */
export function createProject(files: readonly string[], read: (file: string) => string): Project {
  const texts = new Map<string, string>();
  const sources = new Map<string, Source>();
  const text = (file: string): string => remember(texts, file, () => read(file));
  const source = (file: string): Source => remember(sources, file, () => parseSource(text(file), file));
  return { files: [...files].sort(), text, source };
}

/** The checkout: what git tracks, and what is new and not ignored. */
export function readProject(root: string): Project {
  const listing = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
    timeout: 30_000,
    maxBuffer: 2 ** 26,
  });
  const files = [...new Set(listing.split('\0'))].filter((file) => file !== '' && existsSync(join(root, file)));
  return createProject(files, (file) => readFileSync(join(root, file), 'utf8'));
}

/** Is it a file of code that we wrote? */
export function isCode(file: string): boolean {
  return /\.(ts|tsx|mjs|js)$/.test(file) && !file.endsWith('.generated.ts') && !file.endsWith('.d.ts');
}

/** Is it a style sheet? */
export function isStyle(file: string): boolean {
  return file.endsWith('.css');
}

/** Tests and what only tests use. */
export function isTest(file: string): boolean {
  return /\.test\.tsx?$/.test(file) || file.includes('/testing/') || file.startsWith('test/');
}

function remember<T>(known: Map<string, T>, key: string, make: () => T): T {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  return made;
}
