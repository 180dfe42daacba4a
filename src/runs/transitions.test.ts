import { expect, test } from 'vitest';
import { RUN_STATES, RUN_TRANSITIONS } from './state.ts';

test('every state is reached from the first, and from every one an end is reached', () => {
  const reachable = (from: (typeof RUN_STATES)[number]): Set<string> => {
    const seen = new Set([from]);
    for (const state of seen) for (const next of RUN_TRANSITIONS[state]) seen.add(next);
    return seen;
  };
  expect(reachable('waiting')).toEqual(new Set(RUN_STATES));
  const ends = RUN_STATES.filter((state) => RUN_TRANSITIONS[state].length === 0);
  for (const state of RUN_STATES) expect(ends.some((end) => reachable(state).has(end))).toBe(true);
});
