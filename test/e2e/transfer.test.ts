import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { ApiClient } from '../../src/protocol/client.ts';
import {
  artifactOf,
  attemptsOf,
  detail,
  finished,
  inState,
  junitStep,
  logOf,
  numberedLines,
  openGate,
  submitOne,
} from './harness/jobs.ts';
import { firstProcessOf, machinesIn } from './harness/leftovers.ts';
import { cleanEnvironment, NODE, PROGRAM } from './harness/server.ts';
import { testWorld } from './harness/test-world.ts';
import { never, until } from './harness/wait.ts';
import type { World } from './harness/world.ts';

const LINES = numberedLines(150, 0.05);
const GATED = numberedLines(150, 0.05, 20);
const FAILING = { steps: ['echo held', junitStep(30, 2), 'false'], results: ['junit.xml'], on_failure: { hold: '1h' } };

async function command(world: World, ...words: string[]): Promise<string> {
  const options = { cwd: world.directory, env: cleanEnvironment(), timeout: 60_000 };
  const { stdout } = await promisify(execFile)(NODE, [PROGRAM, ...words], options);
  return stdout;
}

/** What people come back for: builds with their counts, failures, and the bytes of logs. */
async function memoryOf(world: World, run_ids: readonly number[]): Promise<object> {
  const { client }: { client: ApiClient } = world;
  const builds = await client.call('listBuilds', { query: { project: 'e2e/flow' } });
  const runs = await Promise.all(
    run_ids.map(async (id) => {
      const found = await detail(world, id);
      // The node that is held is the original's alone.
      const { other_attempts: _, hold: __, run, ...rest } = found;
      return { ...rest, run: { ...run, held: null }, log_text: (await logOf(world, id)).toString() };
    }),
  );
  return { builds, runs };
}

describe.concurrent('a backup', () => {
  it('made while all goes on becomes a copy that only observes', { timeout: 400_000 }, async (context) => {
    const world = await testWorld(context, { ready: 1 });
    const copy = await testWorld(context, { ready: 1 });
    await world.start();
    const done = await submitOne(world, FAILING);
    await finished(world, done.id);
    await until('its log is archived', 20_000, async () => {
      const [row] = await world.rows<{ blob: string | null }>('select blob from run_logs where run_id = $1', [done.id]);
      return row?.blob;
    });
    const going_on = await submitOne(world, { steps: [GATED.script] });
    await inState(world, going_on.id, ['running']);
    const file = join(world.directory, 'backup.gcx');
    await command(world, 'export', file, '--data', world.data);
    const remembered = await memoryOf(world, [done.id]);
    const said = await command(copy, 'import', file, '--data', copy.data, '--config', copy.config);
    expect(said).toContain('observes');
    await copy.start();
    const [original, other] = await Promise.all([world.client.call('whoAmI'), copy.client.call('whoAmI')]);
    expect(other.deployment_id).not.toBe(original.deployment_id);
    expect((await copy.client.call('getFleet')).observing).toBe(true);
    expect(await memoryOf(copy, [done.id])).toEqual(remembered);
    // Of the original's nodes it has nothing left, so that none is given out and none counts; what ran there waits.
    const { items } = await copy.client.call('listNodes', { query: { limit: 50 } });
    expect(items).toEqual([]);
    expect((await copy.client.call('listHolds')).items).toEqual([]);
    await until('the run that went on is lost here', 20_000, async () => {
      return (await detail(copy, going_on.id)).run.verdict === 'infra';
    });
    // It makes no machine of its own, and every machine of the original stays as it was.
    const held = (await detail(world, done.id)).run.node_id as string;
    const pid = await firstProcessOf(world.data, held);
    await never('the copy made a machine', 4_000, async () => (await machinesIn(copy.data))[0] ?? null);
    expect(await firstProcessOf(world.data, held)).toBe(pid);
    expect(await machinesIn(world.data)).toContain(held);
    await openGate(world, going_on.id);
    expect((await finished(world, going_on.id)).run).toMatchObject({ verdict: 'passed', attempt: 1 });
    expect((await logOf(world, going_on.id)).toString()).toBe(GATED.expected);
    await copy.stop();
    world.configure({ ready: 0 });
    await world.restart();
    await world.rest();
  });

  it('takes over the machines of a server whose database is lost, and their runs go on', {
    timeout: 400_000,
  }, async (context) => {
    const world = await testWorld(context);
    await world.start();
    const held = await submitOne(world, FAILING);
    const { run } = await finished(world, held.id);
    const going_on = await submitOne(world, {
      steps: [LINES.script, 'echo whole > result.txt'],
      artifacts: ['result.txt'],
    });
    await until('its log has begun', 30_000, async () => (await detail(world, going_on.id)).log.bytes > 200);
    const file = join(world.directory, 'backup.gcx');
    await command(world, 'export', file, '--data', world.data);
    // More is acknowledged after the backup than the backup knows.
    await until('its log has grown', 30_000, async () => (await detail(world, going_on.id)).log.bytes > 600);
    await world.kill();
    await until('PostgreSQL has ended', 20_000, async () => world.postgresHasEnded());
    rmSync(join(world.data, 'pg'), { recursive: true });
    await command(world, 'import', file, '--data', world.data, '--config', world.config, '--take-over');
    await world.start();
    expect((await world.client.call('getFleet')).observing).toBe(false);
    const found = await finished(world, going_on.id);
    expect(found.run).toMatchObject({ verdict: 'passed', attempt: 1 });
    expect((await logOf(world, going_on.id)).toString()).toBe(LINES.expected);
    expect((await artifactOf(world, found, 'result.txt')).toString()).toBe('whole\n');
    expect(await attemptsOf(world, going_on.id)).toHaveLength(1);
    expect((await detail(world, held.id)).run).toMatchObject({ verdict: 'failed', held: true, node_id: run.node_id });
    await world.client.call('releaseHold', { path: { id: run.node_id as string } });
    await world.rest();
  });
});
