import { quote } from './yaml/tree.ts';

/** The way to a setting: names of keys, indexes of lists. */
export type Path = readonly (string | number)[];

/** For people: `providers.rax.nodes[0].flavor`, `labels["odd name"].ready`. */
export function formatPath(path: Path): string {
  return path.map(formatPart).join('').replace(/^\./, '');
}

function formatPart(part: string | number): string {
  if (typeof part === 'number') return `[${part}]`;
  return /^[\w+/-]{1,60}$/.test(part) ? `.${part}` : `[${quote(part)}]`;
}
