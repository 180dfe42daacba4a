import { expect, test } from 'vitest';
import { Batcher } from './batcher.ts';
import { nextTurn } from './clock.ts';

test('what is asked for together is done together, and each gets its own result', async () => {
  const batches: number[][] = [];
  const batcher = new Batcher(async (items: readonly number[]) => {
    batches.push([...items]);
    await nextTurn();
    return items.map((item) => item * 10);
  });
  const first = [1, 2, 3].map((item) => batcher.add(item));
  await nextTurn();
  await nextTurn();
  const second = [4, 5].map((item) => batcher.add(item));
  expect(await Promise.all([...first, ...second])).toEqual([10, 20, 30, 40, 50]);
  expect(batches).toEqual([
    [1, 2, 3],
    [4, 5],
  ]);
  expect(await batcher.add(6)).toBe(60);
});

test('never more than allowed at once', async () => {
  const sizes: number[] = [];
  const batcher = new Batcher<number, null>(async (items) => {
    sizes.push(items.length);
    return items.map(() => null);
  }, 2);
  await Promise.all([1, 2, 3, 4, 5].map((item) => batcher.add(item)));
  expect(sizes).toEqual([2, 2, 1]);
});

test('an item that cannot be done fails alone', async () => {
  const batcher = new Batcher(async (items: readonly number[]) => {
    if (items.includes(2)) throw new Error('not two');
    return items;
  });
  const settled = await Promise.allSettled([1, 2, 3].map((item) => batcher.add(item)));
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});
