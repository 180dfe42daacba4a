import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matches, parseExpression } from './expression.ts';
import { whyRejected } from './rejection.ts';

const why = (text: string, ...labels: string[]) => whyRejected(parseExpression(text), new Set(labels));

test('names what is missing, and what must not be there', () => {
  expect(why('jammy && gpu', 'jammy')).toEqual({ missing: ['gpu'], unwanted: [] });
  expect(why('jammy && !arm', 'noble', 'arm')).toEqual({ missing: ['jammy'], unwanted: ['arm'] });
  expect(why('jammy || noble && gpu', 'noble')).toEqual({ missing: ['jammy', 'gpu'], unwanted: [] });
  expect(why('!(a && b)', 'a', 'b')).toEqual({ missing: [], unwanted: ['a', 'b'] });
  expect(why('jammy && !arm', 'jammy')).toBeNull();
});

test('null exactly when the labels do, else at least one label is named', () => {
  const texts = ['a', '!a', 'a && b', 'a || !b && c', '!(a || b) && c', '!(a && !(b || c))'];
  fc.assert(
    fc.property(fc.constantFrom(...texts), fc.subarray(['a', 'b', 'c', 'd']), (text, labels) => {
      const rejection = why(text, ...labels);
      expect(rejection === null).toBe(matches(parseExpression(text), new Set(labels)));
      if (rejection !== null) expect(rejection.missing.length + rejection.unwanted.length).toBeGreaterThan(0);
    }),
  );
});
