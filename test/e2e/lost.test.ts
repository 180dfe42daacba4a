import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { deadlineSignal, systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { systemRandom } from '../../src/base/random.ts';
import { withNodeLock } from '../../src/providers/local/node-lock.ts';
import {
  attemptsOf,
  detail,
  finished,
  inState,
  lapseLease,
  lastAttempt,
  logOf,
  numberedLines,
  submitOne,
  ticks,
} from './harness/jobs.ts';
import { agentProcessOf, firstProcessOf, machinesIn } from './harness/leftovers.ts';
import { sharedWorld } from './harness/test-world.ts';
import { until } from './harness/wait.ts';
import type { World } from './harness/world.ts';

const LINES = numberedLines(60, 0.1);

async function running(world: World, run_id: number): Promise<string> {
  const run = await inState(world, run_id, ['running']);
  await until('its log has begun', 15_000, async () => (await detail(world, run_id)).log.bytes > 0);
  return run.node_id as string;
}

const shared = sharedWorld({ nodes: 12 });

/** Verdicts of the attempts in their order; each attempt was on a node of its own. */
async function expectAttempts(world: World, run_id: number, verdicts: readonly string[]): Promise<void> {
  const attempts = await attemptsOf(world, run_id);
  expect(attempts.map(({ verdict }) => verdict)).toEqual(verdicts);
  expect(new Set(attempts.map(({ node_id }) => node_id)).size).toBe(attempts.length);
}

/** As soon as the machine is seen, the attempt after it must not have begun. */
async function expectSuccessorWaits(world: World, run_id: number, node_id: string): Promise<void> {
  const begun: unknown[] = [];
  const isDestroyed = async (): Promise<boolean> => {
    // In this order: what is there after the attempts were read was there when they were.
    const later = (await attemptsOf(world, run_id)).filter(({ attempt }) => attempt > 1);
    const is_there = (await machinesIn(world.data)).includes(node_id);
    if (is_there) begun.push(...later.filter(({ state }) => state !== 'waiting'));
    return !is_there;
  };
  await until(`${node_id} is destroyed`, 30_000, isDestroyed, 5);
  expect(begun).toEqual([]);
}

describe.concurrent('a machine that is lost in the middle of a run', () => {
  it.for(['the agent', 'the first process of the node'])(
    'SIGKILL of %s: infra, tried again on another node when the first is gone',
    { timeout: 400_000 },
    async (victim) => {
      const world = shared();
      const { id } = await submitOne(world, { steps: [LINES.script], retries: 2 });
      const node_id = await running(world, id);
      const pid =
        victim === 'the agent' ? agentProcessOf(world.data, node_id) : await firstProcessOf(world.data, node_id);
      process.kill(pid, 'SIGKILL');
      await Promise.all([lapseLease(world, id), expectSuccessorWaits(world, id, node_id)]);
      expect((await finished(world, id)).run).toMatchObject({ verdict: 'infra', attempt: 1 });
      const second = await lastAttempt(world, id, 2);
      expect(second.run.verdict).toBe('passed');
      expect((await logOf(world, second.run.id)).toString()).toBe(LINES.expected);
      await expectAttempts(world, id, ['infra', 'passed']);
    },
  );

  it('retries are bounded, and the last verdict is infra', { timeout: 400_000 }, async () => {
    const world = shared();
    const { id } = await submitOne(world, { steps: ['echo begun; sleep 600'], retries: 2 });
    for (const attempt of [1, 2, 3]) {
      const run_id = await until(`attempt ${attempt}`, 30_000, async () => {
        const found = (await attemptsOf(world, id)).find((row) => row.attempt === attempt);
        return found?.state === 'running' ? found.id : null;
      });
      const node_id = await running(world, run_id);
      process.kill(await firstProcessOf(world.data, node_id), 'SIGKILL');
      await lapseLease(world, run_id);
      await finished(world, run_id);
    }
    await ticks(world, 2);
    await expectAttempts(world, id, ['infra', 'infra', 'infra']);
  });
});

describe.concurrent('an agent that is stopped beyond its lease', () => {
  it('is lost, its late words are refused, and the run starts elsewhere once it is destroyed', {
    timeout: 400_000,
  }, async () => {
    const world = shared();
    const { id } = await submitOne(world, { steps: [LINES.script], retries: 1 });
    const node_id = await running(world, id);
    const agent = agentProcessOf(world.data, node_id);
    process.kill(agent, 'SIGSTOP');
    // Its payload goes on meanwhile, so that there is something to be said late.
    const signal = deadlineSignal(systemClock, 60_000);
    const claim = { clock: systemClock, random: systemRandom, log: silentLog, signal };
    await withNodeLock(join(world.data, 'nodes', node_id), claim, async () => {
      await lapseLease(world, id);
      const { run, log } = await finished(world, id);
      expect(run.verdict).toBe('infra');
      process.kill(agent, 'SIGCONT');
      // The machine cannot be destroyed while we hold its claim: the agent has all the time to speak.
      await ticks(world, 4);
      const later = await detail(world, id);
      expect(later.log.bytes).toBe(log.bytes);
      expect(later.steps).toEqual((await detail(world, id)).steps);
      expect(later.run).toMatchObject({ verdict: 'infra', reason: run.reason });
      const [, successor] = await attemptsOf(world, id);
      expect(successor).toMatchObject({ attempt: 2, state: 'waiting' });
    });
    const second = await lastAttempt(world, id, 2);
    expect(second.run.verdict).toBe('passed');
    expect((await logOf(world, second.run.id)).toString()).toBe(LINES.expected);
    expect(await machinesIn(world.data)).not.toContain(node_id);
    await expectAttempts(world, id, ['infra', 'passed']);
  });
});
