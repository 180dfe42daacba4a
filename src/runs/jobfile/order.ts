import { nearest } from '../../base/suggest.ts';
import { formatPath, type Path } from '../../schema/path.ts';
import type { Problems } from '../../schema/yaml/problems.ts';
import { childOf, type Tree } from '../../schema/yaml/tree.ts';

/** A job of the file, as it is written. */
export interface NamedJob {
  readonly name: string;
  readonly tree: Tree;
  readonly path: Path;
}

/** Complains about `after` that names no job of the file, and about jobs that come after each other in a circle. */
export function checkOrder(jobs: readonly NamedJob[], problems: Problems): void {
  const names = jobs.map((job) => job.name);
  const before = new Map(jobs.map((job) => [job.name, [] as string[]]));
  for (const job of jobs) {
    for (const { name, tree, path } of afterOf(job)) {
      if (before.has(name)) before.get(job.name)?.push(name);
      else problems.add(tree.place, formatPath(path), unknownJob(name, names));
    }
  }
  const circle = findCircle(before);
  if (circle === null) return;
  const job = jobs.find((candidate) => candidate.name === circle[0]) as NamedJob;
  const after = childOf(job.tree, 'after') as Tree;
  const message = `jobs come after each other in a circle: ${[...circle, circle[0]].join(' → ')}`;
  problems.add(after.place, formatPath([...job.path, 'after']), message);
}

/** The names under `after`; what is no text is complained about by the schema. */
function afterOf(job: NamedJob): { name: string; tree: Tree; path: Path }[] {
  const after = childOf(job.tree, 'after');
  if (after === null || after.kind === 'map') return [];
  const path = [...job.path, 'after'];
  const items =
    after.kind === 'list'
      ? after.items.map((tree, index) => ({ tree, path: [...path, index] }))
      : [{ tree: after, path }];
  return items.flatMap(({ tree, path }) => {
    const isName = tree.kind === 'scalar' && typeof tree.value === 'string' && !tree.value.includes('${');
    return isName ? [{ name: tree.value as string, tree, path }] : [];
  });
}

function unknownJob(name: string, names: readonly string[]): string {
  const meant = name.length > 60 ? null : nearest(name, names);
  return meant === null
    ? `there is no job "${name.slice(0, 60)}" in this file`
    : `there is no job "${name}". Did you mean "${meant}"?`;
}

/** A circle, each job after the next one; null when there is none. Takes away what waits for nothing until only circles are left. */
function findCircle(before: ReadonlyMap<string, readonly string[]>): string[] | null {
  const left = new Map([...before].map(([name, names]) => [name, new Set(names)]));
  for (let free = [...left].filter(([, names]) => names.size === 0); free.length > 0; ) {
    for (const [name] of free) left.delete(name);
    for (const names of left.values()) for (const [name] of free) names.delete(name);
    free = [...left].filter(([, names]) => names.size === 0);
  }
  let name = left.keys().next().value;
  if (name === undefined) return null;
  // Everything left waits for something left, so a walk meets itself.
  const walk: string[] = [];
  while (!walk.includes(name)) {
    walk.push(name);
    name = left.get(name)?.values().next().value as string;
  }
  return walk.slice(walk.indexOf(name));
}
