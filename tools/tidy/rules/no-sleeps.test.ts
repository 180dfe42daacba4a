import { expect, it } from 'vitest';
import { findings, projectOf } from '../testing/texts.ts';
import { noSleeps } from './no-sleeps.ts';

const TEXT = 'start(systemClock);\nawait systemClock.sleep(200);\n';

it("finds the machine's clock in tests and what they share, and names what to use", () => {
  const files = ['src/queue/worker.test.ts', 'src/flow/testing/world.ts', 'src/queue/worker.ts'];
  expect(findings(noSleeps, Object.fromEntries(files.map((file) => [file, TEXT])))).toEqual([
    "src/flow/testing/world.ts:1 the machine's clock in a test",
    "src/flow/testing/world.ts:2 the machine's clock in a test",
    "src/queue/worker.test.ts:1 the machine's clock in a test",
    "src/queue/worker.test.ts:2 the machine's clock in a test",
  ]);
  const [first] = [...noSleeps.check(projectOf({ 'src/queue/worker.test.ts': TEXT }))];
  expect(first?.instead).toContain('virtualClock()');
});

it('lets tests of real processes have it, and yet not sleep', () => {
  expect(findings(noSleeps, { 'test/e2e/pool.test.ts': TEXT })).toEqual(['test/e2e/pool.test.ts:2 a sleep']);
  expect(findings(noSleeps, { 'src/base/testing/until.ts': TEXT, 'test/e2e/harness/wait.ts': TEXT })).toEqual([]);
  expect(findings(noSleeps, { 'src/a.test.ts': 'await clock.sleep(5); // systemClock' })).toEqual([]);
});
