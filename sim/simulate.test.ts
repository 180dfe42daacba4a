import { expect, test } from 'vitest';
import { FAILED_ONCE } from './seeds.ts';
import { type Outcome, simulate } from './simulate.ts';

const PARTS = 4;
const SEEDS_OF_PART = 25;
/** Some seconds on a calm machine. */
const LONGEST_MS = 120_000;

const parts = Array.from({ length: PARTS }, (_, part) =>
  Array.from({ length: SEEDS_OF_PART }, (_, index) => part * SEEDS_OF_PART + index + 1),
);

function explained({ violation, trace }: Outcome): string {
  return `${violation}\n${trace.join('\n')}`;
}

async function simulateAll(seeds: readonly number[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const seed of seeds) {
    const outcome = await simulate(seed);
    if (outcome.violation !== null) expect.fail(explained(outcome));
    outcomes.push(outcome);
  }
  return outcomes;
}

test('worlds that failed once do not fail again', { timeout: LONGEST_MS }, async () => {
  expect(await simulateAll(FAILED_ONCE)).toHaveLength(FAILED_ONCE.length);
});

test.each(parts)(
  'worlds full of mishaps, from seed %i on, break no rule, and come to rest when the mishaps end',
  { timeout: LONGEST_MS },
  async (...seeds) => {
    const outcomes = await simulateAll(seeds);
    // They were no idle worlds.
    const sum = (of: (outcome: Outcome) => number): number => outcomes.reduce((total, each) => total + of(each), 0);
    expect(sum(({ kills }) => kills)).toBeGreaterThan(2 * seeds.length);
    expect(sum(({ requests }) => requests)).toBeGreaterThan(10 * seeds.length);
    expect(sum(({ nodes }) => nodes)).toBeGreaterThan(15 * seeds.length);
  },
);

test('a seed is a world: twice the same', async () => {
  expect(await simulate(7)).toEqual(await simulate(7));
});
