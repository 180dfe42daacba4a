import { describe, expect, it } from 'vitest';
import { chooseModules } from './areas.ts';
import { figure } from './figure.ts';
import { median, percentile } from './statistics.ts';

describe('chooseModules', () => {
  const areas = { flow: ['a.ts', 'b.ts'], crew: ['b.ts', 'c.ts'] };

  it('takes all areas when none is named, and each module once', () => {
    expect(chooseModules(areas, [])).toEqual(['a.ts', 'b.ts', 'c.ts']);
    expect(chooseModules(areas, ['crew'])).toEqual(['b.ts', 'c.ts']);
  });

  it('says what there is when one is unknown', () => {
    expect(() => chooseModules(areas, ['flwo'])).toThrow('There is no area flwo. Areas: flow, crew.');
  });
});

describe('figure', () => {
  it('is ok within its budget, either way', () => {
    expect(figure('a', 5, 'ms', { at_most: 5 })).toEqual({ name: 'a', value: 5, unit: 'ms', budget: '<= 5', ok: true });
    expect(figure('a', 2999.9, '/s', { at_least: 3000 }).ok).toBe(false);
    expect(figure('a', 7, 'ms', null)).toMatchObject({ budget: null, ok: true });
  });

  it('is never ok when nothing was measured', () => {
    expect(figure('a', Number.NaN, 'ms', { at_most: 5 }).ok).toBe(false);
    expect(figure('a', median([]), 'ms', null).ok).toBe(false);
  });
});

describe('percentile', () => {
  it('is the nearest rank', () => {
    const values = [5, 1, 4, 2, 3];
    expect([0, 0.5, 0.9, 1].map((share) => percentile(values, share))).toEqual([1, 3, 5, 5]);
  });
});
