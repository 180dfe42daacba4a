import { expect, it } from 'vitest';
import { absoluteFigures, interleave, ratioFigure } from './rounds.ts';

it('measures the sides in turn, each first as often, and leaves the first round out', async () => {
  const calls: string[] = [];
  const side = (name: string) => async (): Promise<number> => calls.push(name);
  const values = await interleave(3, { a: side('a'), b: side('b') });
  expect(calls).toEqual(['a', 'b', 'b', 'a', 'a', 'b', 'b', 'a']);
  expect(values).toEqual({ a: [4, 5, 8], b: [3, 6, 7] });
});

it('judges by the median of the ratios, round by round: a slow hour changes both sides', () => {
  const calm = ratioFigure('x', [10, 10, 10], [5, 5, 5], { at_most: 2 });
  const busy = ratioFigure('x', [10, 20, 40], [5, 10, 20], { at_most: 2 });
  expect(calm).toEqual({ name: 'x', value: 2, unit: '×', budget: '<= 2', ok: true, spread: [2, 2] });
  expect(busy).toEqual(calm);
  expect(ratioFigure('x', [11, 21, 41], [5, 10, 20], { at_most: 2 }).ok).toBe(false);
  expect(ratioFigure('x', [1, 2], [], { at_most: 2 }).ok).toBe(false);
});

it('tells the measured values as well', () => {
  const figures = [...absoluteFigures({ ours: [1, 3, 2] }, 'ms', (side) => `burst: ${side}`)];
  expect(figures).toEqual([{ name: 'burst: ours', value: 2, unit: 'ms', budget: null, ok: true }]);
});
