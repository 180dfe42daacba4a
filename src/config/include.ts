import { dirname, isAbsolute, join, resolve } from 'node:path';
import { formatPath } from '../schema/path.ts';
import { type Substitutions, substitute } from '../schema/substitute.ts';
import type { FileReader } from '../schema/yaml/file.ts';
import type { Problems } from '../schema/yaml/problems.ts';
import { readYaml } from '../schema/yaml/read.ts';
import { childOf, type Entry, type MapTree, positionOf, type ScalarTree, type Tree } from '../schema/yaml/tree.ts';

/** Largest configuration file. */
export const MAX_CONFIG_BYTES = 2 ** 20;
/** Most files of one configuration. */
const MAX_FILES = 100;

interface IncludeContext {
  readonly problems: Problems;
  readonly substitutions: Substitutions;
  readonly read: FileReader;
  /** Of the files read so far. */
  files: number;
}

/** Reads a text and everything that it includes into one tree. Null when the syntax of a file is broken. */
export function readWithIncludes(text: string, file: string, context: Omit<IncludeContext, 'files'>): Tree | null {
  return readOne(text, file, [resolve(file)], { ...context, files: 0 });
}

/** `open`: the files on the way here, by which a cycle is known. */
function readOne(text: string, file: string, open: readonly string[], context: IncludeContext): Tree | null {
  context.files += 1;
  const tree = readYaml({ file, text }, context.problems);
  if (tree === null || tree.kind !== 'map') return tree;
  let whole: MapTree = tree;
  let complete = true;
  for (const [index, name] of namesOf(childOf(tree, 'include')).entries()) {
    const included = readIncluded(name, ['include', index], file, open, context);
    if (included === null) complete = false;
    else if (included.kind === 'map') whole = merge(whole, included, [], context.problems);
  }
  return complete ? whole : null;
}

/** The texts under `include`; the schema complains about what is none. */
function namesOf(include: Tree | null): ScalarTree[] {
  const items = include?.kind === 'list' ? include.items : include === null ? [] : [include];
  return items.filter((item) => item.kind === 'scalar').filter((item) => typeof item.value === 'string');
}

function readIncluded(
  name: ScalarTree,
  path: readonly (string | number)[],
  from: string,
  open: readonly string[],
  context: IncludeContext,
): Tree | null {
  const complain = (message: string): null => {
    context.problems.add(name.place, formatPath(path), message);
    return null;
  };
  const ready = substitute(name, path, context.substitutions, context.problems);
  if (ready === null) return null;
  const target = isAbsolute(String(ready.value)) ? String(ready.value) : join(dirname(from), String(ready.value));
  const absolute = resolve(target);
  if (open.includes(absolute)) {
    const circle = [...open.slice(open.indexOf(absolute)), absolute].map((one) => one.slice(one.lastIndexOf('/') + 1));
    return complain(`files include each other in a circle: ${circle.join(' → ')}`);
  }
  if (context.files >= MAX_FILES) return complain(`too many files are included: ${MAX_FILES} are the most`);
  const found = context.read(target, MAX_CONFIG_BYTES);
  if ('problem' in found) return complain(`cannot read ${target}: ${found.problem}`);
  return readOne(found.text, target, [...open, absolute], context);
}

/** Maps are joined one level deep (`labels`, `providers`, `server`), lists continued; anything else given twice is an error. */
function merge(base: MapTree, added: MapTree, path: readonly string[], problems: Problems): MapTree {
  const entries = new Map(base.entries.map((entry) => [entry.key, entry]));
  for (const entry of added.entries) {
    if (path.length === 0 && entry.key === 'include') continue;
    const earlier = entries.get(entry.key);
    entries.set(entry.key, earlier === undefined ? entry : mergeEntry(earlier, entry, path, problems));
  }
  return { ...base, entries: [...entries.values()] };
}

function mergeEntry(earlier: Entry, added: Entry, path: readonly string[], problems: Problems): Entry {
  const here = [...path, added.key];
  if (path.length === 0 && earlier.value.kind === 'map' && added.value.kind === 'map') {
    return { ...earlier, value: merge(earlier.value, added.value, here, problems) };
  }
  if (earlier.value.kind === 'list' && added.value.kind === 'list') {
    return { ...earlier, value: { ...earlier.value, items: [...earlier.value.items, ...added.value.items] } };
  }
  const { line } = positionOf(earlier.key_place);
  const message = `is already given in ${earlier.key_place.source.file}, line ${line}`;
  problems.add(added.key_place, formatPath(here), message);
  return earlier;
}
