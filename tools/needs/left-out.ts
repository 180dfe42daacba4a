import { describeNeed, NEED_NAMES, type NeedName } from './registry.ts';

/** What is looked at of a test or a suite; vitest's own tasks are such. */
export interface Task {
  mode: string;
  meta: { lacks?: readonly NeedName[] };
  tasks?: readonly Task[];
}

/** What was left out, one line for each thing that is lacking, with how to have it. */
export function leftOutLines(tasks: readonly Task[]): string[] {
  const counts = new Map<NeedName, number>();
  count(tasks, [], counts);
  return NEED_NAMES.flatMap((name) => {
    const number = counts.get(name);
    if (number === undefined) return [];
    const { what, use, have } = describeNeed(name);
    return [`left out: ${number === 1 ? '1 test that needs' : `${number} tests that need`} ${what} (${use}): ${have}`];
  });
}

function count(tasks: readonly Task[], above: readonly NeedName[], counts: Map<NeedName, number>): void {
  for (const { mode, meta, tasks: below } of tasks) {
    const lacks = new Set([...above, ...(meta.lacks ?? [])]);
    if (below !== undefined) count(below, [...lacks], counts);
    else if (mode === 'skip') for (const name of lacks) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
}
