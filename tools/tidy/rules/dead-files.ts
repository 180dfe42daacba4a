import { posix } from 'node:path';
import type { Finding, Rule } from '../finding.ts';
import { isCode, type Project } from '../project.ts';
import { filesOf, resolveImport } from '../resolve.ts';

const LIVING_FOLDERS = /^(src|agent|web|bench|tools|bin|sim|test)\//;
/** What starts by itself: programs, their configuration, tests, and the scripts of the package. */
const ROOTS = [
  /^src\/main\.ts$/,
  /^agent\/main\.ts$/,
  /^bench\/run\.ts$/,
  /^bin\//,
  /^tools\/bootstrap\.mjs$/,
  /\.test\.tsx?$/,
  /^(web\/)?[^/]+\.config\.ts$/,
];
/** Files that name other files by their path from the root. */
const PATH_LISTS = [
  'package.json',
  'tools/build.config.json',
  'web/index.html',
  '.ci/run',
  'tools/bootstrap/commands.mjs',
];

/** A file that nothing reaches is read by people and checked by tools for nothing. */
export const deadFiles: Rule = {
  name: 'dead-files',
  *check(project): Generator<Finding> {
    const alive = reachable(project);
    for (const file of project.files) {
      if (!isCode(file) || !LIVING_FOLDERS.test(file) || alive.has(file)) continue;
      yield { file, line: 1, what: 'nothing imports or starts this file', instead: 'use it, or remove it' };
    }
  },
};

/** Everything that can be reached from the roots through imports and paths in literals. */
export function reachable(project: Project): Set<string> {
  const named = PATH_LISTS.filter((list) => filesOf(project).has(list)).flatMap((list) => namedPaths(project, list));
  const waiting = [...project.files.filter((file) => ROOTS.some((root) => root.test(file))), ...named];
  const alive = new Set<string>();
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (alive.has(file)) continue;
    alive.add(file);
    if (isCode(file)) waiting.push(...literalPaths(project, file));
  }
  return alive;
}

/** Imports, `new URL('./x.ts', import.meta.url)`, and paths handed to something that loads them. */
function literalPaths(project: Project, file: string): string[] {
  const found: string[] = [];
  for (const literal of project.source(file).literals) {
    if (!/^[\w./-]+\.(ts|tsx|mjs|js)$/.test(literal.text)) continue;
    const relative = resolveImport(project, file, literal.text) ?? resolveImport(project, file, `./${literal.text}`);
    if (relative !== null) found.push(relative);
    else if (filesOf(project).has(literal.text)) found.push(literal.text);
  }
  return found;
}

function namedPaths(project: Project, list: string): string[] {
  const words = project.text(list).match(/[\w./-]+\.(ts|tsx|mjs|js)\b/g) ?? [];
  return words.flatMap((word) => {
    const path = posix.normalize(word).replace(/^\//, '');
    return [path, posix.join(posix.dirname(list), path)].filter((one) => filesOf(project).has(one));
  });
}
