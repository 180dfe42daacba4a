import { describe, expect, it } from 'vitest';
import { detail, finished, jobFile, junitStep, submit, submitOne } from './harness/jobs.ts';
import { machinesIn } from './harness/leftovers.ts';
import { shellCommand } from './harness/shell.ts';
import { sharedWorld } from './harness/test-world.ts';
import { until } from './harness/wait.ts';
import type { World } from './harness/world.ts';

const FAILING = {
  steps: [
    'echo evidence > left.txt; mkdir -p deep/er; echo more > deep/er/left.txt; chmod 600 left.txt',
    // In the background, without a terminal, and with an environment of its own.
    '(exec setsid env -i sleep 1234) > /dev/null 2>&1 &',
    junitStep(5, 1),
    'exit 7',
  ],
  results: ['junit.xml'],
};

const shared = sharedWorld({ holds: [{ project: 'e2e/held', for: '1h', at_most: 1 }] });

async function gone(world: World, node_id: string): Promise<void> {
  await until(`${node_id} is deleted`, 20_000, async () => {
    const { node } = await world.client.call('getNode', { path: { id: node_id } });
    return node.state === 'deleted' && !(await machinesIn(world.data)).includes(node_id);
  });
}

describe('the node of a failed run', () => {
  it('is held as it was, can be looked at, and goes when it is released', { timeout: 400_000 }, async () => {
    const world = shared();
    const { id } = await submitOne(world, { ...FAILING, on_failure: { hold: '1h' } });
    const found = await finished(world, id);
    expect(found.run).toMatchObject({ verdict: 'failed', held: true, counts: { pass: 4, fail: 1 } });
    const node_id = found.run.node_id as string;
    expect(found.hold?.node_id).toBe(node_id);
    const look = await shellCommand(world, node_id, 'cat left.txt deep/er/left.txt; id -un; ls');
    expect(look).toEqual({ printed: 'evidence\nmore\npayload\ndeep\njunit.xml\nleft.txt\n', exit_code: 0 });
    // Processes of the payload end with the run; its files stay.
    const processes = await shellCommand(world, node_id, 'cat /proc/[0-9]*/cmdline | tr "\\0" " "');
    expect(processes.printed).not.toContain('sleep 1234');
    expect((await shellCommand(world, node_id, 'exit 3')).exit_code).toBe(3);
    // A held node survives the server, and its shell works with the next one.
    await world.restart();
    await until('the shell works again', 20_000, async () => {
      return (await shellCommand(world, node_id, 'cat left.txt')).printed === 'evidence\n';
    });
    await world.client.call('extendHold', {
      path: { id: node_id },
      body: { duration_ms: 7_200_000, reason: 'more time' },
    });
    const { hold } = await detail(world, id);
    expect(Date.parse(hold?.expires_at ?? '')).toBeGreaterThan(Date.parse(found.hold?.expires_at ?? ''));
    await world.client.call('releaseHold', { path: { id: node_id } });
    await gone(world, node_id);
    expect((await detail(world, id)).run.held).toBe(false);
  });

  it('goes when its hold expires, and at once when no rule holds it; a rule has a budget', {
    timeout: 400_000,
  }, async () => {
    const world = shared();
    const plain = await submitOne(world, FAILING);
    const [first] = await submit(world, jobFile(FAILING, 'e2e/held'));
    const not_held = await finished(world, plain.id);
    expect(not_held.run).toMatchObject({ verdict: 'failed', held: false });
    await gone(world, not_held.run.node_id as string);
    const held = await finished(world, first?.id ?? 0);
    expect(held.run).toMatchObject({ verdict: 'failed', held: true });
    const [second] = await submit(world, jobFile(FAILING, 'e2e/held'));
    const beyond = await finished(world, second?.id ?? 0);
    expect(beyond.run).toMatchObject({ verdict: 'failed', held: false });
    await gone(world, beyond.run.node_id as string);
    // The hour is over.
    await world.rows(`update holds set expires_at = groundcrew_now() - interval '1 second' where node_id = $1`, [
      held.run.node_id,
    ]);
    await gone(world, held.run.node_id as string);
  });

  it('verdict and hold are one: SIGKILL around the verdict never leaves one without the other', {
    timeout: 400_000,
  }, async () => {
    const world = shared();
    for (const pause_ms of [0, 4, 8]) {
      const { id } = await submitOne(world, { ...FAILING, on_failure: { hold: '1h' } });
      await until(
        'the payload has ended',
        30_000,
        async () => {
          const [row] = await world.rows<{ state: string }>('select state from runs where id = $1', [id]);
          return row?.state === 'finishing' || row?.state === 'finished';
        },
        2,
      );
      if (pause_ms > 0) await until('a moment later', pause_ms, async () => false).catch(() => undefined);
      await world.kill();
      await world.start();
      const [row] = await world.rows<{ verdict: string | null; node: string; holds: number }>(
        `select runs.verdict, nodes.state as node,
           (select count(*)::int from holds where node_id = nodes.id) as holds
         from runs join run_assignments given on given.id = runs.assignment_id
           join nodes on nodes.id = given.node_id where runs.id = $1`,
        [id],
      );
      expect(['null running 0', 'failed held 1']).toContain(`${row?.verdict} ${row?.node} ${row?.holds}`);
      const found = await finished(world, id);
      expect(found.run).toMatchObject({ verdict: 'failed', held: true, attempt: 1 });
      await world.client.call('releaseHold', { path: { id: found.run.node_id as string } });
    }
  });
});
