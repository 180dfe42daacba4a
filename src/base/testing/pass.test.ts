import { expect, test } from 'vitest';
import { nextTurn } from '../clock.ts';
import { passDuring, passUntil } from './pass.ts';
import { virtualClock } from './virtual-clock.ts';

test('time goes on until it has come about, and not further', async () => {
  const clock = virtualClock();
  let rounds = 0;
  clock.every(1_000, () => {
    rounds += 1;
  });
  expect(await passUntil(clock, () => (rounds === 3 ? 'three' : null))).toBe('three');
  expect(clock.monotonic_ms()).toBe(3_000);
  expect(await passUntil(clock, () => rounds)).toBe(3);
  expect(clock.monotonic_ms()).toBe(3_000);
});

test('work that waits for time and for others comes to its end, with what it answers or throws', async () => {
  const clock = virtualClock();
  const work = async (): Promise<number> => {
    await clock.sleep(500);
    await nextTurn();
    await clock.sleep(500);
    return clock.monotonic_ms();
  };
  expect(await passDuring(clock, work())).toBe(1_000);
  await expect(
    passDuring(
      clock,
      clock.sleep(1).then(() => Promise.reject(new Error('no'))),
    ),
  ).rejects.toThrow('no');
});
