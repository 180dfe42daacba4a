import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { until } from '../../src/base/testing/until.ts';
import { findStrays, type ProcessGroup, type StraySearch } from './strays.ts';
import { processEntry } from './table.ts';

const started: number[] = [];
afterEach(() => {
  for (const pid of started.splice(0)) {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // Gone already.
    }
  }
});

/** A group of its own, as a payload's or anybody's, without a marker in its environment. */
async function startGroup(script: string): Promise<{ child: ChildProcess; pid: number; start_ticks: number }> {
  const child = spawn('sh', ['-c', script], { detached: true, stdio: 'ignore', env: {} });
  await once(child, 'spawn');
  const pid = child.pid as number;
  started.push(pid);
  return { child, pid, start_ticks: processEntry(pid)?.start_ticks as number };
}

function search(group: ProcessGroup): StraySearch {
  const baseline = new Set<string>();
  const marker = 'GROUNDCREW_MARKER=of-no-process';
  return { marker, groups: [group], known: new Set(), baseline, takesAll: false, spared: new Set() };
}

const groupsOf = (look: StraySearch): number[] => [...new Set(findStrays(look).map((entry) => entry.group))];

test("a number that was given to another is not the payload's, whether our leader's start was read or not", async () => {
  const { pid, start_ticks } = await startGroup('sleep 100');
  const isReaped = (): boolean => true;
  expect(groupsOf(search({ pid, start_ticks: null, isReaped, isOver: false }))).toEqual([]);
  expect(groupsOf(search({ pid, start_ticks: start_ticks - 1, isReaped, isOver: false }))).toEqual([]);
  expect(groupsOf(search({ pid, start_ticks: null, isReaped: null, isOver: false }))).toEqual([]);
});

test('a leader whose start was never read is ours until it has been reaped', async () => {
  const { pid } = await startGroup('sleep 100');
  expect(groupsOf(search({ pid, start_ticks: null, isReaped: () => false, isOver: false }))).toEqual([pid]);
});

test('what a leader leaves behind is ours until the group was seen empty, and then nobody of that number', async () => {
  const { child, pid } = await startGroup('sleep 100 & exit');
  await once(child, 'exit');
  const look = search({ pid, start_ticks: null, isReaped: () => true, isOver: false });
  const left = findStrays(look);
  expect(left.map((entry) => entry.group)).toEqual([pid]);
  expect(look.known.size).toBe(1);
  process.kill(-pid, 'SIGKILL');
  await until(() => !processEntry(left[0]!.pid), 'the end of what was left');
  expect(findStrays(look)).toEqual([]);
  expect(look.groups[0]!.isOver).toBe(true);
  // The dead are forgotten.
  expect(look.known.size).toBe(0);
});

test("a group of an earlier agent whose leader is gone may be anybody's: its marker alone would tell", async () => {
  const { child, pid, start_ticks } = await startGroup('sleep 100 & exit');
  await once(child, 'exit');
  expect(groupsOf(search({ pid, start_ticks, isReaped: null, isOver: false }))).toEqual([]);
});
