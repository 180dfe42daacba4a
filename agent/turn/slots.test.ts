import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { assignment, type Bench, openBench, step } from '../testing/harness.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
  bench.server.slots = 2;
});
afterEach(async () => {
  const problems = [...bench.server.problems];
  await bench.close();
  expect(problems).toEqual([]);
});

/** Says where it is and its process, and works until a file `go` is there. */
const waiting = step('pwd; echo $$ > pid; until [ -e go ]; do sleep 0.02; done; echo "end of $GROUNDCREW_RUN"');
const first = () => assignment({ steps: [waiting] });
const second = () => assignment({ steps: [waiting] }, 5, { run_id: 978, slot: 1 });
const directories = () => [join(bench.workspace, 'widget'), join(bench.workspace, 'slot-1', 'widget')] as const;

const isAlive = (directory: string): boolean => {
  const stat = `/proc/${readFileSync(join(directory, 'pid'), 'utf8').trim()}/stat`;
  return existsSync(stat) && !/\) Z/.test(readFileSync(stat, 'utf8'));
};
const began = (directory: string): boolean =>
  existsSync(join(directory, 'pid')) && readFileSync(join(directory, 'pid'), 'utf8').endsWith('\n');

async function twoAtOnce() {
  const { server } = bench;
  const agent = bench.startAgent();
  await server.until('a pull', () => server.words.some((word) => word.type === 'pull'));
  const runs = [server.assign(first()), server.assign(second())] as const;
  await server.until('both run', () => directories().every(began));
  return { agent, server, runs };
}

test('two runs at once: each has its directory, its log and its end, and a used slot takes no other', async () => {
  const { agent, server, runs } = await twoAtOnce();
  const [one, two] = runs;
  server.cut();
  await server.until('connected again', () => server.connections === 2 && server.isConnected());
  expect(server.words.findLast((word) => word.type === 'hello')).toMatchObject({
    runs: [
      { run_id: 977, fence: 1 },
      { run_id: 978, fence: 5 },
    ],
  });
  const third = server.assign(assignment({ steps: [step('true')] }, 1, { run_id: 979, slot: 1 }));
  server.say({ type: 'cancel', run_id: one.assignment.run_id, fence: 1, reason: 'not needed' });
  await server.until('the first has ended', () => one.outcome !== null);
  expect(one.outcome).toMatchObject({ state: 'cancelled', reason: 'not needed' });
  expect(directories().map(isAlive)).toEqual([false, true]);
  writeFileSync(join(directories()[1], 'go'), '');
  await server.until('the second has ended', () => two.outcome !== null);
  expect(two.outcome).toMatchObject({ state: 'passed' });
  expect(one.log.toString()).toBe(`${directories()[0]}\ngroundcrew: the run was ended: not needed\n`);
  expect(two.log.toString()).toBe(`${directories()[1]}\nend of 978\n`);
  expect(third.acknowledged).toBe(0);
  expect(agent.stderr()).toContain('this slot of the node is used');
});

test('killed while one run is over and unheard and the other works, the agent comes back with both', async () => {
  const { agent, server, runs } = await twoAtOnce();
  const [one, two] = runs;
  let finishes = 0;
  server.swallow = (word) => {
    if (word.type !== 'finish' || word.run_id !== one.assignment.run_id) return false;
    finishes++;
    return true;
  };
  writeFileSync(join(directories()[0], 'go'), '');
  await server.until('its end was said', () => finishes > 0);
  agent.child.kill('SIGKILL');
  await agent.exited;
  server.swallow = () => false;
  bench.startAgent();
  await server.until('both have ended', () => runs.every(({ outcome }) => outcome !== null));
  expect(server.words.findLast((word) => word.type === 'hello')).toMatchObject({
    runs: [
      { run_id: 977, fence: 1 },
      { run_id: 978, fence: 5 },
    ],
  });
  expect(one.outcome).toMatchObject({ state: 'passed' });
  expect(two.outcome).toMatchObject({ state: 'infra', reason: 'the agent was restarted in the middle of the run' });
  expect(isAlive(directories()[1])).toBe(false);
  expect(one.log.toString()).toBe(`${directories()[0]}\nend of 977\n`);
  expect(two.log.toString()).toContain('the agent was restarted in the middle of the run; the run ends here');
});
