import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  add,
  dimensionsOf,
  firstShort,
  fits,
  formatAmount,
  lowest,
  relieves,
  type Tally,
  takeFrom,
  timesIn,
} from './amount.ts';

const figures = fc.dictionary(fc.constantFrom('nodes', 'cores', 'memory_bytes', 'gpus', 'addresses'), fc.nat(20));

test('what is left out is nothing in an amount, and no limit in a limit', () => {
  expect(timesIn({}, { nodes: 1, gpus: 4 })).toBe(Number.POSITIVE_INFINITY);
  expect(timesIn({ nodes: 3, gpus: 8 }, { nodes: 1 })).toBe(3);
  expect(timesIn({ nodes: 3, gpus: 8 }, { nodes: 1, gpus: 4 })).toBe(2);
  expect(timesIn({ cores: -5, nodes: 2 }, { nodes: 1 })).toBe(2);
  expect(timesIn({ cores: 0.9 }, { cores: 0.3 })).toBe(3);
  expect(lowest({ nodes: 3 }, { nodes: 5, cores: 2 }, {})).toEqual({ nodes: 3, cores: 2 });
  const left: Tally = { nodes: 3 };
  takeFrom(left, { nodes: 1, cores: 2 }, 2);
  expect(left).toEqual({ nodes: 1 });
});

test('what is too little, in the order of the named dimensions, and what would help', () => {
  expect(firstShort({ gpus: 0, volumes: 1, cores: 1 }, { gpus: 1, volumes: 2, cores: 1 })).toBe('volumes');
  expect(firstShort({ cores: 1 }, { cores: 1, nodes: 1 })).toBeNull();
  expect(relieves({ cores: 1, nodes: 5 }, { cores: 2, nodes: 1 }, { nodes: 1 })).toBe(false);
  expect(relieves({ cores: 1, nodes: 5 }, { cores: 2, nodes: 1 }, { nodes: 1, cores: 1 })).toBe(true);
  expect(dimensionsOf({ gpus: 1, addresses: 2, nodes: 1, apples: 4 })).toEqual([
    'nodes',
    'addresses',
    'apples',
    'gpus',
  ]);
  const said = [formatAmount('cores', 0.1 + 0.2), formatAmount('memory_bytes', 2 ** 30), formatAmount('gpus', 2)];
  expect([...said, formatAmount('volume_bytes', 2 ** 31)]).toEqual([
    '0.3 cores',
    '1.0 GiB',
    '2 gpus',
    '2.0 GiB of volumes',
  ]);
});

test('of any dimensions: it fits as often as it can be taken, and what is given back is there again', () => {
  fc.assert(
    fc.property(figures, figures, (limit, need) => {
      const times = timesIn(limit, need);
      expect(fits(limit, need)).toBe(firstShort(limit, need) === null);
      expect(fits(limit, need)).toBe(times >= 1);
      if (!Number.isFinite(times)) return;
      const left: Tally = { ...limit };
      takeFrom(left, need, times);
      expect(Object.values(left).every((value) => value >= 0)).toBe(true);
      expect(fits(left, need)).toBe(false);
      takeFrom(left, need, -times);
      expect(left).toEqual(limit);
      const counted: Tally = {};
      add(counted, need, 3);
      add(counted, need, -3);
      expect(Object.values(counted).every((value) => value === 0)).toBe(true);
    }),
  );
});
