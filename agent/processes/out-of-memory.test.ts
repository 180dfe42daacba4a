import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { howStepEnded, killedForMemory } from './out-of-memory.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'memory-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const BOUNDS = { cores: 1, memory_bytes: 512 * 2 ** 20, cgroups: [] };
const end = (exit_code: number | null, signal: string | null, before: number | null, after: number | null): string =>
  howStepEnded({ exit_code, signal, killed_before: before, killed_after: after }, BOUNDS);

test.each([
  ['memory.events', 'low 0\nhigh 0\nmax 7\noom 3\noom_kill 2\noom_group_kill 0\n'],
  ['memory.oom_control', 'oom_kill_disable 0\nunder_oom 0\noom_kill 2\n'],
])('the count is read from %s, wherever it is', (name, text) => {
  const [cpu, memory] = [join(directory, 'cpu'), join(directory, 'memory')];
  for (const made of [cpu, memory]) mkdirSync(made);
  writeFileSync(join(memory, name), text);
  expect(killedForMemory({ ...BOUNDS, cgroups: [cpu, memory] })).toBe(2);
  expect(killedForMemory({ ...BOUNDS, cgroups: [cpu] })).toBeNull();
});

test('a step that was killed while the count grew ran out of memory', () => {
  expect(end(137, null, 0, 1)).toBe('ran out of memory (limit 512 MiB) and exited 137');
  expect(end(null, 'SIGKILL', 2, 5)).toBe('ran out of memory (limit 512 MiB) and was ended by SIGKILL');
  expect(end(1, null, 0, 1)).toBe('exited 1, after the kernel killed a process of it: out of memory (limit 512 MiB)');
});

test('one that was killed while it did not was killed by somebody else', () => {
  expect(end(137, null, 3, 3)).toBe('exited 137');
  expect(end(1, null, null, null)).toBe('exited 1');
});

test('where nobody counts, it is said what it mostly is', () => {
  const said = 'exited 137: killed by signal 9, with a limit mostly by the kernel for memory (limit 512 MiB)';
  expect(end(137, null, null, null)).toBe(said);
  const unbounded = { ...BOUNDS, memory_bytes: null };
  const killed = { exit_code: 137, signal: null, killed_before: null, killed_after: null };
  expect(howStepEnded(killed, unbounded)).toBe('exited 137');
});
