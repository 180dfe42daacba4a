import { cpus, totalmem } from 'node:os';
import { expect, test } from 'vitest';
import { nodeFacts } from './facts.ts';

test('a node is as large as its limits, and never larger than its machine', () => {
  const machine = { cores: cpus().length, memory_bytes: totalmem() };
  const facts = (cores: number | null, memory_bytes: number | null) =>
    nodeFacts({ isolation: 'none', bounds: { cores, memory_bytes, cgroups: [] } });
  expect(facts(0.5, 64 * 2 ** 20)).toMatchObject({ cores: 0.5, memory_bytes: 64 * 2 ** 20 });
  expect(facts(null, null)).toMatchObject(machine);
  expect(facts(machine.cores + 1, machine.memory_bytes + 1)).toMatchObject(machine);
});
