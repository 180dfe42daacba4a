import { expect, test } from 'vitest';
import { REQUEST_STATES, REQUEST_TRANSITIONS } from './state.ts';

test('every state is reached from the first, and from every one an end is reached', () => {
  const reachable = (from: (typeof REQUEST_STATES)[number]): Set<string> => {
    const seen = new Set([from]);
    for (const state of seen) for (const next of REQUEST_TRANSITIONS[state]) seen.add(next);
    return seen;
  };
  expect(reachable('waiting')).toEqual(new Set(REQUEST_STATES));
  const ends = REQUEST_STATES.filter((state) => REQUEST_TRANSITIONS[state].length === 0);
  for (const state of REQUEST_STATES) expect(ends.some((end) => reachable(state).has(end))).toBe(true);
});
