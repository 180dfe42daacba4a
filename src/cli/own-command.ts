import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { DEFAULT_DATA_DIRECTORY } from './client-files.ts';
import { scriptOf } from './commands/node-shell.ts';

/**
 * A command line of this program that works when it is typed in `directory`, on the data in `data`. `npx` takes the
 * program of the package that one is in; anywhere else it would ask a registry, so there the program's path is said.
 */
export function ownCommand(words: readonly string[], directory: string, data: string, root: string): string {
  const program = nearestPackage(directory) === root ? ['npx', 'groundcrew'] : [join(root, 'bin', 'groundcrew.mjs')];
  const named = data === resolve(directory, DEFAULT_DATA_DIRECTORY) ? [] : ['--data', shownPath(data, directory)];
  return scriptOf([...program, ...named, ...words]) ?? '';
}

/** A path as it is shown in a directory: relative below it, else whole. */
export function shownPath(path: string, directory: string): string {
  const below = relative(directory, path);
  return below === '' || below === '..' || below.startsWith('../') || isAbsolute(below) ? path : below;
}

/** The directory of the package that a directory is in; null when it is in none. */
function nearestPackage(directory: string): string | null {
  if (existsSync(join(directory, 'package.json'))) return directory;
  const parent = dirname(directory);
  return parent === directory ? null : nearestPackage(parent);
}
