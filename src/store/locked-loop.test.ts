import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { until } from '../base/testing/until.ts';
import { LockedLoop } from './locked-loop.ts';
import { type TestDatabase, testDatabase } from './testing/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await database.close();
});

function loopOf(work: () => void, mayLead = () => true): LockedLoop {
  const loop = new LockedLoop({
    ...{ clock: systemClock, client_config: database.client_config },
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
  await until(() => first.leads() && turns.first > 0, 'the first leads');
  const second = loopOf(() => turns.second++);
  const before = turns.first;
  await until(() => turns.first > before + 3, 'the first goes on');
  expect(turns.second).toBe(0);
  may = false;
  await until(() => second.leads() && turns.second > 0, 'the second leads');
  expect(first.leads()).toBe(false);
  may = true;
  await second.stop();
  const again = turns.first;
  await until(() => turns.first > again, 'the first leads again');
  await first.stop();
  expect(first.leads()).toBe(false);
});

test('what a turn throws is told, and the next turn tries again', async () => {
  const told: unknown[] = [];
  let turns = 0;
  const loop = new LockedLoop({
    ...{ clock: systemClock, client_config: database.client_config },
    ...{ lock: 'reaper', period_ms: 10, rest_ms: 0 },
    async work() {
      turns++;
      if (turns === 1) throw new Error('no luck');
      return undefined;
    },
    failed: (error) => told.push(error),
  });
  loop.start();
  await until(() => turns > 2, 'further turns');
  await loop.stop();
  expect(told).toMatchObject([{ message: 'no luck' }]);
});
