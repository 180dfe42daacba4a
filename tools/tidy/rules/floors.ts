import type { Finding, Rule } from '../finding.ts';
import { isCode, type Project } from '../project.ts';
import { resolveImport } from '../resolve.ts';
import { whyForbidden, zoneOf } from '../zones.ts';

/** Packages that speak to the database: not for those who never see the store. */
const DATABASE_PACKAGES = /^(pg|kysely|pg-copy-streams)(\/|$)/;
const NEVER_DATABASE = [
  'base',
  'protocol',
  'labels',
  'schema',
  'packed',
  'blobs',
  'config',
  'contract',
  'driver',
  'formats',
  'states',
  'cli',
  'agent',
  'web',
];

/** Imports go down only, and of a neighbour only its states. */
export const floors: Rule = {
  name: 'floors',
  *check(project): Generator<Finding> {
    for (const file of project.files) {
      if (!/\.tsx?$/.test(file)) continue;
      for (const line of project.source(file).imports) {
        const why = whyImportForbidden(project, file, line.specifier);
        if (why === null) continue;
        const what = `imports ${line.specifier}: ${why}`;
        yield { file, line: line.line, what, instead: 'rows, work items, a state.ts, or a function handed in' };
      }
    }
  },
};

function whyImportForbidden(project: Project, file: string, specifier: string): string | null {
  const zone = zoneOf(file)?.name ?? '';
  const target = resolveImport(project, file, specifier);
  if (target === null) {
    const isDatabase = DATABASE_PACKAGES.test(specifier) && NEVER_DATABASE.includes(zone);
    return isDatabase ? `${zone} never sees the database` : null;
  }
  const why = whyForbidden(file, target);
  if (why !== null || zone !== 'web' || zoneOf(target)?.name === 'web') return why;
  const impure = firstImpure(project, target, new Set());
  return impure === null ? null : `${impure} needs Node, and the browser has none`;
}

/** The first import of Node's modules or of a package, going down from a file; null when the file is pure. */
export function firstImpure(project: Project, file: string, seen: Set<string>): string | null {
  if (seen.has(file) || !isCode(file)) return null;
  seen.add(file);
  for (const line of project.source(file).imports) {
    if (line.type_only) continue;
    if (line.specifier.startsWith('node:')) return `${file} (${line.specifier})`;
    const next = resolveImport(project, file, line.specifier);
    const found = next === null ? null : firstImpure(project, next, seen);
    if (found !== null) return found;
  }
  return null;
}
