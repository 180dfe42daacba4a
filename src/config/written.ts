// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${…} is what people write in the file.
import { dirname, isAbsolute, resolve } from 'node:path';
import type { Tree } from '../schema/yaml/tree.ts';

const FILE = /\$\$\{|\$\{file:([^}]*)\}/g;

/**
 * A part of a configuration as it is written, to be read again later: what came from outside stays the reference that
 * stands there (`${NAME}`, `${file:path}`), so that no secret is kept. Paths are made absolute: they were the file's.
 */
export function writtenOf(tree: Tree): unknown {
  if (tree.kind === 'map') {
    return Object.fromEntries(tree.entries.map(({ key, value }) => [key, writtenOf(value)]));
  }
  if (tree.kind === 'list') return tree.items.map(writtenOf);
  if (typeof tree.value !== 'string') return tree.value;
  const directory = dirname(resolve(tree.place.source.file));
  return tree.value.replace(FILE, (whole, path: string | undefined) => {
    if (path === undefined || isAbsolute(path)) return whole;
    return `\${file:${resolve(directory, path)}}`;
  });
}
