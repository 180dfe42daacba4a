import { AssertionError } from 'node:assert';
import { isDeepStrictEqual } from 'node:util';

/** Throws, in one line, unless both are the same all the way down. */
export function expectEqual(actual, expected) {
  if (isDeepStrictEqual(actual, expected)) return;
  const message = `expected ${JSON.stringify(actual)} to equal ${JSON.stringify(expected)}`;
  throw new AssertionError({ message, actual, expected, operator: 'equal', stackStartFn: expectEqual });
}
