import { describe, expect, it } from 'vitest';
import { systemRandom } from '../../src/base/random.ts';
import { anyMoment } from '../../src/base/testing/any-moment.ts';
import { attemptsOf, finished, submitOne } from './harness/jobs.ts';
import { cgroupsOf, firstProcessOf, machinesIn, processesOf, recordedCgroups } from './harness/leftovers.ts';
import { testWorld } from './harness/test-world.ts';
import { until } from './harness/wait.ts';
import type { World } from './harness/world.ts';

/** Ready nodes, once there are so many and nothing else is on its way. */
async function warm(world: World, count: number): Promise<string[]> {
  return await until(`${count} nodes are ready`, 40_000, async () => {
    const { items } = await world.client.call('listNodes', { query: { limit: 100 } });
    const live = items.filter(({ state }) => state !== 'deleted');
    if (live.length === count && live.every(({ state }) => state === 'ready'))
      return live.map(({ id }) => id).toSorted();
    // Told when the time is over.
    throw new Error(live.map(({ id, state, state_since }) => `${id} ${state} since ${state_since}`).join('; '));
  });
}

/** What a node becomes, one after another, until it is ready. */
const STAGES = ['launching', 'booting', 'checking', 'ready'];

/** Kills at other moments in each run of the tests; a failure tells them. */
const STORM_KILLS = 8;
const STORM_MOST_MS = 400;

describe('the warm pool', () => {
  it('refills, uses a node once, and outlives a killed server without losing or leaking one', {
    timeout: 400_000,
  }, async (context) => {
    const world = await testWorld(context, { ready: 2, nodes: 6 });
    await world.start();
    const before = await warm(world, 2);
    // The search for what is left finds what is there.
    expect((await machinesIn(world.data)).toSorted()).toEqual(before);
    expect(processesOf(world.directory).length).toBeGreaterThan(5);
    expect(cgroupsOf(before).toSorted()).toEqual((await recordedCgroups(world.data, before)).toSorted());
    const used: string[] = [];
    for (let index = 0; index < 4; index++) {
      const { id } = await submitOne(world, {
        steps: ['test ! -e /workspace/was-here; touch /workspace/was-here; ls /workspace'],
      });
      const { run } = await finished(world, id);
      expect(run.verdict).toBe('passed');
      used.push(run.node_id as string);
    }
    expect(new Set(used).size).toBe(4);
    // The first was there before it was asked for.
    expect(before).toContain(used[0]);
    const kept = await warm(world, 2);
    for (const node_id of used) expect(kept).not.toContain(node_id);
    await world.noteNodes();
    const first_processes = await Promise.all(kept.map(async (id) => await firstProcessOf(world.data, id)));
    await world.restart();
    // The same machines, not new ones of the same kind.
    expect(await warm(world, 2)).toEqual(kept);
    expect(await Promise.all(kept.map(async (id) => await firstProcessOf(world.data, id)))).toEqual(first_processes);
    const { id } = await submitOne(world, { steps: ['echo warm'] });
    const { run } = await finished(world, id);
    expect(kept).toContain(run.node_id);
    expect(await attemptsOf(world, id)).toHaveLength(1);
    // Killed while the pool refills: what was being made is used or destroyed, never forgotten.
    await world.restart();
    const after = await warm(world, 2);
    expect((await machinesIn(world.data)).toSorted()).toEqual(after);
    // Nothing is warm any more; then killed at each stage of making nodes anew.
    for (const node_id of after) await world.client.call('deleteNode', { path: { id: node_id } });
    world.configure({ ready: 5 });
    for (const stage of ['launching', 'booting', 'ready']) {
      // Or further: between two looks a node may pass a stage.
      const states = STAGES.slice(STAGES.indexOf(stage));
      await world.restart();
      await until(
        `a node is ${states.join(' or ')}`,
        30_000,
        async () => {
          const rows = await world.rows<{ state: string }>('select state from nodes where not id = any($1)', [after]);
          return rows.some(({ state }) => states.includes(state));
        },
        2,
      );
    }
    await world.restart();
    const ready = await warm(world, 5);
    expect((await machinesIn(world.data)).toSorted()).toEqual(ready);
    world.configure({ ready: 0 });
    await world.restart();
    await world.rest();
  });

  it('fills although servers are killed one after another while its nodes are being made', {
    timeout: 400_000,
  }, async (context) => {
    const world = await testWorld(context, { ready: 6, nodes: 6 });
    await world.start();
    const waits: number[] = [];
    for (let kills = 0; kills < STORM_KILLS; kills++) {
      waits.push(await anyMoment(systemRandom, STORM_MOST_MS));
      await world.restart();
    }
    const ready = await warm(world, 6).catch((error: unknown) => {
      throw new Error(`killed ${waits.join(', ')} ms after each start`, { cause: error });
    });
    expect((await machinesIn(world.data)).toSorted()).toEqual(ready);
    // None of them had to be given up: a machine is used whichever of the servers made it.
    expect(await world.rows('select id, end_reason from nodes where not id = any($1)', [ready])).toEqual([]);
    world.configure({ ready: 0 });
    await world.restart();
    await world.rest();
  });
});
