import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { deadlineSignal, withTimeout } from '../clock.ts';
import { until } from './until.ts';
import { virtualClock } from './virtual-clock.ts';

test('time stands still until it is moved', async () => {
  const clock = virtualClock({ start_ms: 1_000 });
  let struck = false;
  clock.after(1, () => {
    struck = true;
  });
  await clock.advance(0);
  expect([clock.now_ms(), clock.monotonic_ms(), struck, clock.next_ms()]).toEqual([1_000, 0, false, 1]);
  await clock.advance(0.5);
  expect(struck).toBe(false);
  await clock.advance(0.5);
  expect([clock.now_ms(), clock.monotonic_ms(), struck, clock.next_ms()]).toEqual([1_001, 1, true, null]);
  await expect(clock.advance(-1)).rejects.toThrow('time does not go back');
});

test('timers strike in the order of their times, those of one time as they were set, each at its own', async () => {
  const clock = virtualClock();
  const struck: string[] = [];
  const note = (name: string) => () => struck.push(`${name} ${clock.monotonic_ms()}`);
  clock.after(30, note('c'));
  clock.after(10, note('a'));
  const stopped = clock.after(20, note('never'));
  clock.every(15, note('each'));
  clock.after(30, note('d'));
  clock.after(25, () => stopped.stop());
  stopped.stop();
  stopped.stop();
  await clock.advance(31);
  expect(struck).toEqual(['a 10', 'each 15', 'c 30', 'd 30', 'each 30']);
  expect(clock.waiting()).toBe(1);
});

test('what a timer causes comes to rest before the next one: promises, files, and timers it sets', async () => {
  const clock = virtualClock();
  const directory = await mkdtemp(join(tmpdir(), 'virtual-clock-'));
  const seen: string[] = [];
  clock.after(10, () => {
    void (async () => {
      await Promise.resolve();
      clock.after(5, () => seen.push(`inner ${clock.monotonic_ms()}`));
      seen.push('promise');
    })();
  });
  clock.after(20, () => seen.push('later'));
  await clock.advance(20);
  expect(seen).toEqual(['promise', 'inner 15', 'later']);
  const file = join(directory, 'a');
  const waits: Promise<void>[] = [];
  const settling = virtualClock({ settle: async () => void (await Promise.all(waits)) });
  settling.after(10, () => waits.push(writeFile(file, 'first')));
  settling.after(20, () => waits.push(readFile(file, 'utf8').then((text) => void seen.push(text))));
  await settling.advance(20);
  expect(seen.at(-1)).toBe('first');
  await rm(directory, { recursive: true });
});

test('a timer stopped by one of the same moment does not strike; an interval stops from inside', async () => {
  const clock = virtualClock();
  let count = 0;
  const loop = clock.every(10, () => {
    count += 1;
    if (count === 3) loop.stop();
  });
  clock.after(5, () => victim.stop());
  const victim = clock.after(5, () => {
    count = 100;
  });
  await clock.advance(1_000);
  expect([count, clock.waiting()]).toEqual([3, 0]);
});

test('sleeps end in time, or with the reason of their signal', async () => {
  const clock = virtualClock();
  const ended: unknown[] = [];
  void clock.sleep(10).then(() => ended.push(clock.monotonic_ms()));
  const abort = new AbortController();
  void clock.sleep(5, abort.signal).catch((error: unknown) => ended.push(error));
  const reason = new Error('enough');
  abort.abort(reason);
  await clock.advance(10);
  expect(ended).toEqual([reason, 10]);
  await expect(clock.sleep(5, abort.signal)).rejects.toBe(reason);
  expect(clock.waiting()).toBe(0);
});

test('deadlines and time-outs of the house go by it', async () => {
  const clock = virtualClock();
  const deadline = deadlineSignal(clock, 30_000);
  const work = withTimeout(
    clock,
    10_000,
    () => new Promise(() => undefined),
    () => new Error('too late'),
  );
  const told = expect(work).rejects.toThrow('too late');
  await clock.advance(10_000);
  await told;
  expect(deadline.aborted).toBe(false);
  await clock.advance(20_000);
  expect(deadline.aborted).toBe(true);
});

test('work that waits again and again is driven to its end, and what it throws comes through', async () => {
  const clock = virtualClock();
  const tries: number[] = [];
  const retry = async (): Promise<string> => {
    for (let pause_ms = 100; ; pause_ms *= 2) {
      tries.push(clock.monotonic_ms());
      if (tries.length === 4) return 'done';
      await clock.sleep(pause_ms);
    }
  };
  expect(await clock.drive(retry())).toBe('done');
  expect(tries).toEqual([0, 100, 300, 700]);
  await expect(clock.drive(clock.sleep(5).then(() => Promise.reject(new Error('no'))))).rejects.toThrow('no');
});

test('timers that set each other for the same moment are told, not run for ever', async () => {
  const clock = virtualClock({ settle: async () => undefined });
  const again = (): void => void clock.after(0, again);
  again();
  await expect(clock.advance(1)).rejects.toThrow('without end');
});

test('until answers what came about, and says what did not', async () => {
  let looks = 0;
  const found = await until(() => {
    looks += 1;
    return looks === 3 ? { looks } : null;
  });
  expect(found).toEqual({ looks: 3 });
  await expect(until(() => false, 'a second moon', 10)).rejects.toThrow('still not: a second moon');
});
