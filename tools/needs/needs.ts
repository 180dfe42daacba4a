import type {} from 'vitest';
import { refuseUnexpected } from './expected.ts';
import { isHere, type NeedName } from './registry.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** What the test, or all tests of the suite, ask for and this machine lacks. */
    lacks?: readonly NeedName[];
  }
}

/**
 * Options of a test or suite that needs something which a bare machine lacks: `it('…', needs('bubblewrap'), …)`. Where
 * it is lacking, the tests are left out and the end of `npm test` says so; in CI that throws, unless it is expected.
 */
export function needs(...names: readonly NeedName[]): { skip: boolean; meta: { lacks: readonly NeedName[] } } {
  const lacks = names.filter((name) => !has(name));
  return { skip: lacks.length > 0, meta: { lacks } };
}

/** For a test that runs with what there is: is it here? Throws in CI where it is missing and not expected to be. */
export function has(name: NeedName): boolean {
  if (isHere(name)) return true;
  refuseUnexpected([name], process.env);
  return false;
}
