import { CHANGE_KINDS, type ChangeKind } from '../results/state.ts';
import type { EnvironmentChange } from './environment.ts';

/** Merges the same change of the same test in several environments into the first one, in the order in which they come. */
export function groupChanges(changes: readonly EnvironmentChange[]): Map<ChangeKind, EnvironmentChange[]> {
  const groups = new Map<ChangeKind, Map<number, EnvironmentChange>>(CHANGE_KINDS.map((kind) => [kind, new Map()]));
  for (const change of changes) {
    const group = groups.get(change.kind) as Map<number, EnvironmentChange>;
    const known = group.get(change.word);
    if (known === undefined) group.set(change.word, change);
    else known.environments = [...new Set([...known.environments, ...change.environments])];
  }
  return new Map([...groups].map(([kind, group]) => [kind, [...group.values()]]));
}

/** `both` or `all` when it is every environment that was compared, else their names. */
export function whereOf(environments: readonly string[], compared: number): string {
  if (compared > 1 && environments.length === compared) return compared === 2 ? 'both' : 'all';
  return environments.join(', ');
}
