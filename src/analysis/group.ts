import { shownJobName } from '../protocol/job-name.ts';
import { CHANGE_KINDS, type ChangeKind } from '../results/state.ts';
import type { EnvironmentChange, Place } from './environment.ts';

/** Merges the same change of the same test in several places into the first one, in the order in which they come. */
export function groupChanges(changes: readonly EnvironmentChange[]): Map<ChangeKind, EnvironmentChange[]> {
  const groups = new Map<ChangeKind, Map<number, EnvironmentChange>>(CHANGE_KINDS.map((kind) => [kind, new Map()]));
  for (const change of changes) {
    const group = groups.get(change.kind) as Map<number, EnvironmentChange>;
    const known = group.get(change.word);
    if (known === undefined) group.set(change.word, change);
    else known.places = [...known.places, ...change.places];
  }
  return new Map([...groups].map(([kind, group]) => [kind, [...group.values()]]));
}

/**
 * `both` or `all` when it is every place that was compared, else their names: the job's alone when it is in every
 * environment, and no job's where an environment has only one.
 */
export function whereOf(places: readonly Place[], compared: readonly Place[]): string {
  const has = ({ environment, job }: Place): boolean =>
    places.some((place) => place.environment === environment && place.job === job);
  if (compared.length > 1 && compared.every(has)) return compared.length === 2 ? 'both' : 'all';
  const environments = valuesOf(compared, 'environment');
  const jobs = valuesOf(places, 'job');
  const crowded = crowdedEnvironments(compared);
  const everywhere = environments.every((environment) => jobs.every((job) => has({ environment, job })));
  if (crowded.size > 0 && everywhere) return jobs.join(', ');
  return [...new Set(places.map((place) => placeName(place, crowded, environments.length === 1)))].join(', ');
}

/** Environments in which several jobs are to be told apart. */
export function crowdedEnvironments(places: readonly Place[]): Set<string> {
  const jobs = Map.groupBy(places, (place) => place.environment);
  return new Set([...jobs].filter(([, own]) => valuesOf(own, 'job').length > 1).map(([environment]) => environment));
}

/** An environment's name, with the job's where several are told apart; the job's alone when there is no other environment. */
export function placeName({ environment, job }: Place, crowded: ReadonlySet<string>, isOnly: boolean): string {
  if (!crowded.has(environment)) return environment;
  return isOnly ? job : shownJobName({ environment, job });
}

/** What the places have there, each once. */
export function valuesOf(places: readonly Place[], field: keyof Place): string[] {
  return [...new Set(places.map((place) => place[field]))];
}
