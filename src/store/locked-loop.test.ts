import { afterAll, beforeAll, expect, test } from 'vitest';
import { passUntil } from '../base/testing/pass.ts';
import { virtualClock } from '../base/testing/virtual-clock.ts';
import { LockedLoop } from './locked-loop.ts';
import { type TestDatabase, testDatabase } from './testing/database.ts';

const clock = virtualClock();
let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await database.close();
});

function loopOf(work: () => void, mayLead = () => true): LockedLoop {
  const loop = new LockedLoop({
    ...{ clock, client_config: database.client_config },
    ...{ lock: 'reaper', period_ms: 10, rest_ms: 0 },
    mayLead: async () => mayLead(),
    async work() {
      work();
      return undefined;
    },
    failed: () => undefined,
  });
  loop.start();
  return loop;
}

test('one of two works, the other takes over when it stops or may not lead any more', async () => {
  const turns = { first: 0, second: 0 };
  let may = true;
  const first = loopOf(
    () => turns.first++,
    () => may,
  );
  await passUntil(clock, () => first.leads() && turns.first > 0, 'the first leads');
  const second = loopOf(() => turns.second++);
  const before = turns.first;
  await passUntil(clock, () => turns.first > before + 3, 'the first goes on');
  expect(turns.second).toBe(0);
  may = false;
  await passUntil(clock, () => second.leads() && turns.second > 0, 'the second leads');
  expect(first.leads()).toBe(false);
  may = true;
  await second.stop();
  const again = turns.first;
  await passUntil(clock, () => turns.first > again, 'the first leads again');
  await first.stop();
  expect(first.leads()).toBe(false);
});

test('what a turn throws is told, and the next turn tries again', async () => {
  const told: unknown[] = [];
  let turns = 0;
  const loop = new LockedLoop({
    ...{ clock, client_config: database.client_config },
    ...{ lock: 'reaper', period_ms: 10, rest_ms: 0 },
    async work() {
      turns++;
      if (turns === 1) throw new Error('no luck');
      return undefined;
    },
    failed: (error) => told.push(error),
  });
  loop.start();
  await passUntil(clock, () => turns > 2, 'further turns');
  await loop.stop();
  expect(told).toMatchObject([{ message: 'no luck' }]);
});
