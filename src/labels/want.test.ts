import { expect, test } from 'vitest';
import { satisfies, wantMatcher, wantOf } from './want.ts';

const labels = new Set(['jammy', 'gpu']);

test('a want is data: as JSON and back it means the same', () => {
  for (const [text, answer] of [
    ['jammy && gpu', true],
    ['!arm && (noble || gpu)', true],
    ['noble', false],
  ] as const) {
    const want = wantOf(text);
    expect(satisfies(want, labels)).toBe(answer);
    expect(satisfies(JSON.parse(JSON.stringify(want)), labels)).toBe(answer);
  }
});

test('the same text is read and compiled once', () => {
  expect(wantOf('jammy && !noble').parsed).toBe(wantOf('jammy && !noble').parsed);
  expect(wantMatcher(wantOf('jammy && !noble'))).toBe(wantMatcher(wantOf('jammy && !noble')));
});

test('what cannot be read matches nothing, and says so as data', () => {
  expect(wantOf('jammy &&')).toEqual({ expression: 'jammy &&', parsed: null });
  expect(satisfies(wantOf('!('), labels)).toBe(false);
});
