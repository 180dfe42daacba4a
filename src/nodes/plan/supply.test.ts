import { describe, expect, test } from 'vitest';
import { planFleet } from '../plan.ts';
import { demand, fleet, node, pool } from '../testing/snapshots.ts';
import type { FleetAction } from './actions.ts';

const pools = [pool(['a', 'b']), pool(['a', 'c'])];
const coming = [
  node('n-ab', { state: 'booting', node_type: 'a-b', labels: ['a', 'b'] }),
  node('n-ac', { state: 'booting', node_type: 'a-c', labels: ['a', 'c'] }),
];
const launches = (actions: readonly FleetAction[]): number => actions.filter(({ kind }) => kind === 'launch').length;

describe('nodes with {a, b} and {a, c} on their way', () => {
  test('serve a request for a and b: no third machine is launched', () => {
    for (const nodes of [coming, coming.toReversed()]) {
      expect(planFleet(fleet({ pools, nodes, demand: [demand(1, 'a', 'b')] })).actions).toEqual([]);
      expect(planFleet(fleet({ pools, nodes, demand: [demand(1, 'a', 'c')] })).actions).toEqual([]);
    }
  });

  test('serve two requests, one for a, the other for b or c, in any order', () => {
    for (const [first, second] of [
      ['a', 'b'],
      ['b', 'a'],
      ['a', 'c'],
      ['c', 'a'],
    ] as const) {
      const waiting = [demand(1, first), demand(2, second)];
      expect(planFleet(fleet({ pools, nodes: coming, demand: waiting })).actions).toEqual([]);
    }
  });

  test('are one too few for three', () => {
    const waiting = [demand(1, 'a'), demand(2, 'b'), demand(3, 'a')];
    expect(launches(planFleet(fleet({ pools, nodes: coming, demand: waiting })).actions)).toBe(1);
  });
});
