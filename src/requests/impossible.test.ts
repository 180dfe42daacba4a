import { expect, test } from 'vitest';
import { type PossiblePool, whyImpossible } from './impossible.ts';

function pool(labels: string[], more: Partial<PossiblePool> = {}): PossiblePool {
  const node_type = labels.join('-');
  return { provider: 'a', node_type, labels: new Set(labels), limit: null, provider_limit: null, ...more };
}
const POOLS = [pool(['jammy', 'x86_64']), pool(['noble', 'gpu'], { provider: 'b', limit: 2 })];

test.each([
  [['jammy'], null],
  [['!jammy'], null],
  [['jamy'], 'no node type carries jamy. Did you mean jammy?'],
  [['jammy && gpu'], 'no node type carries labels that satisfy jammy && gpu'],
  [['noble', 'noble'], null],
  [['noble', 'noble', 'gpu'], 'it wants 3 nodes at once, and at most 2 can exist'],
  [['noble', 'jammy', 'noble', 'noble'], null],
])('%j: %s', (expressions, reason) => {
  expect(whyImpossible(expressions, POOLS)).toBe(reason);
});

test('a limit of 0 is said as such, and no configuration at all refuses everything', () => {
  const disabled = [pool(['jammy'], { provider_limit: 0 })];
  expect(whyImpossible(['jammy'], disabled)).toBe('a may have no nodes of jammy: its limit is 0');
  expect(whyImpossible(['jammy'], [])).toBe('no node type carries jammy.');
});
