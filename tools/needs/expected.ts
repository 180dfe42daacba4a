import { describeNeed, NEED_NAMES, type NeedName } from './registry.ts';

/** The variable that names, separated by spaces or commas, what tests may be left out for. */
export const WITHOUT = 'GROUNDCREW_TESTS_WITHOUT';

/** For what tests may be left out: for anything on a person's machine; in CI, or once it is named, for what is named only. */
export function mayLack(environment: NodeJS.ProcessEnv): ReadonlySet<NeedName> {
  const text = environment[WITHOUT];
  if (text === undefined) return new Set(environment.CI === 'true' ? [] : NEED_NAMES);
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  const unknown = words.filter((word) => !NEED_NAMES.includes(word as NeedName));
  if (unknown.length > 0) {
    throw new Error(`${WITHOUT} names ${unknown.join(', ')}: tests ask for ${NEED_NAMES.join(', ')} only.`);
  }
  return new Set(words as NeedName[]);
}

/** Throws when something is lacking that is not expected to be. */
export function refuseUnexpected(lacking: readonly NeedName[], environment: NodeJS.ProcessEnv): void {
  const allowed = mayLack(environment);
  const unexpected = lacking.filter((name) => !allowed.has(name));
  if (unexpected.length === 0) return;
  const lines = unexpected.map((name) => {
    const { what, use, have } = describeNeed(name);
    return `These tests need ${what} (${use}): ${have}.`;
  });
  throw new Error(`${lines.join('\n')}\nThey are left out only where ${WITHOUT} names ${unexpected.join(' ')}.`);
}
