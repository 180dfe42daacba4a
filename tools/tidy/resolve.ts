import { posix } from 'node:path';
import type { Project } from './project.ts';

/** The file of the project that a relative specifier names, or null: a package, or nothing. */
export function resolveImport(project: Project, from: string, specifier: string): string | null {
  if (!specifier.startsWith('.')) return null;
  const path = posix.normalize(posix.join(posix.dirname(from), specifier.replace(/[?#].*$/, '')));
  return filesOf(project).has(path) ? path : null;
}

const known = new WeakMap<Project, Set<string>>();

/** The files as a set. */
export function filesOf(project: Project): Set<string> {
  let files = known.get(project);
  if (files === undefined) {
    files = new Set(project.files);
    known.set(project, files);
  }
  return files;
}
