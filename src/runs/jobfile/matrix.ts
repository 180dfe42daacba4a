import { nearest } from '../../base/suggest.ts';
import { formatPath, type Path } from '../../schema/path.ts';
import { type ValidateContext, validate } from '../../schema/validate.ts';
import { countOf } from '../../schema/yaml/problems.ts';
import { childOf, type MapTree, quote, type Tree } from '../../schema/yaml/tree.ts';
import { matrixAxes, matrixExclude } from './schema.ts';

/** One value of each axis. */
export type Combination = Readonly<Record<string, string>>;

/** Most jobs of a submission, all matrices multiplied. */
export const MAX_JOBS = 1000;

/** Axes become variables of the run; these would break its shell, or are ours. */
const RESERVED = /^(PATH|HOME|SHELL|USER|LOGNAME|PWD|TMPDIR|IFS|ENV|LD_.*|NODE_OPTIONS|GROUNDCREW_.*)$/;

/** All combinations of a matrix that are not excluded. Null, with problems reported, when it is wrong. */
export function readMatrix(tree: Tree, path: Path, context: ValidateContext): Combination[] | null {
  const axes = validate(matrixAxes, withoutExclude(tree), context, path);
  const exclude_tree = childOf(tree, 'exclude');
  const exclude = exclude_tree === null ? [] : validate(matrixExclude, exclude_tree, context, [...path, 'exclude']);
  if (axes === undefined || exclude === undefined) return null;
  if (!checkAxes(tree, axes, path, context)) return null;
  if (exclude_tree !== null && !checkExclude(exclude_tree, exclude, axes, path, context)) return null;
  const product = Object.values(axes).reduce((count, values) => count * values.length, 1);
  if (product > MAX_JOBS) {
    context.problems.add(tree.place, formatPath(path), `makes ${product} jobs; ${MAX_JOBS} are the most`);
    return null;
  }
  const left = multiply(axes).filter((combination) => !exclude.some((rule) => fits(rule, combination)));
  if (left.length > 0) return left;
  context.problems.add(tree.place, formatPath(path), 'excludes every combination, so no job is left');
  return null;
}

function withoutExclude(tree: Tree): Tree {
  if (tree.kind !== 'map') return tree;
  return { ...tree, entries: tree.entries.filter((entry) => entry.key !== 'exclude') };
}

function checkAxes(tree: Tree, axes: Record<string, string[]>, path: Path, { problems }: ValidateContext): boolean {
  let fine = true;
  for (const entry of (tree as MapTree).entries ?? []) {
    const here = formatPath([...path, entry.key]);
    const values = axes[entry.key] ?? [];
    const twice = values.find((value, index) => values.indexOf(value) !== index);
    if (RESERVED.test(entry.key)) {
      problems.add(entry.key_place, here, 'is a variable that a run needs itself; choose another name');
      fine = false;
    } else if (twice !== undefined) {
      problems.add(entry.value.place, here, `has the value ${quote(twice)} twice`);
      fine = false;
    }
  }
  return fine;
}

function checkExclude(
  tree: Tree,
  exclude: readonly Record<string, string>[],
  axes: Record<string, string[]>,
  path: Path,
  { problems }: ValidateContext,
): boolean {
  let fine = true;
  for (const [index, rule] of exclude.entries()) {
    const rule_tree = tree.kind === 'list' ? tree.items[index] : undefined;
    for (const entry of rule_tree?.kind === 'map' ? rule_tree.entries : []) {
      const message = complaintOf(entry.key, rule[entry.key] as string, axes);
      if (message === null) continue;
      problems.add(entry.key_place, formatPath([...path, 'exclude', index, entry.key]), message);
      fine = false;
    }
  }
  return fine;
}

function complaintOf(axis: string, value: string, axes: Record<string, string[]>): string | null {
  const values = axes[axis];
  if (values === undefined) {
    const meant = nearest(axis, Object.keys(axes));
    return `the matrix has no such axis.${meant === null ? '' : ` Did you mean "${meant}"?`}`;
  }
  if (values.includes(value)) return null;
  const meant = value.length > 60 ? null : nearest(value, values);
  const hint = meant === null ? `It has ${countOf(values.length, 'other')}.` : `Did you mean ${quote(meant)}?`;
  return `the axis has no value ${quote(value)}. ${hint}`;
}

function multiply(axes: Record<string, string[]>): Combination[] {
  let combinations: Record<string, string>[] = [{}];
  for (const [axis, values] of Object.entries(axes)) {
    combinations = combinations.flatMap((combination) => values.map((value) => ({ ...combination, [axis]: value })));
  }
  return combinations;
}

function fits(rule: Record<string, string>, combination: Combination): boolean {
  return Object.entries(rule).every(([axis, value]) => combination[axis] === value);
}
