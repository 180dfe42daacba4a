import { CHANGE_KINDS, type ChangeKind } from '../results/state.ts';
import type { EnvironmentChange } from './environment.ts';

/** The same change of the same test in one or more environments. */
export interface GroupedChange extends EnvironmentChange {
  environments: string[];
}

/** Merges changes over environments, in the order in which they come. */
export function groupChanges(changes: readonly EnvironmentChange[]): Map<ChangeKind, GroupedChange[]> {
  const groups = new Map<ChangeKind, Map<number, GroupedChange>>(CHANGE_KINDS.map((kind) => [kind, new Map()]));
  for (const change of changes) {
    const group = groups.get(change.kind) as Map<number, GroupedChange>;
    const known = group.get(change.word);
    if (known === undefined) group.set(change.word, { ...change, environments: [change.environment] });
    else if (!known.environments.includes(change.environment)) known.environments.push(change.environment);
  }
  return new Map([...groups].map(([kind, group]) => [kind, [...group.values()]]));
}

/** `both` or `all` when it is every environment that was compared, else their names. */
export function whereOf(environments: readonly string[], compared: number): string {
  if (compared > 1 && environments.length === compared) return compared === 2 ? 'both' : 'all';
  return environments.join(', ');
}
