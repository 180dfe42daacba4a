import { describe, expect, it } from 'vitest';
import { ApiProblem } from '../../src/protocol/client.ts';
import {
  artifactOf,
  attemptsOf,
  detail,
  finished,
  inState,
  jobFile,
  junitStep,
  logOf,
  submit,
  submitOne,
} from './harness/jobs.ts';
import { sharedWorld } from './harness/test-world.ts';
import { until } from './harness/wait.ts';
import type { World } from './harness/world.ts';

/** Ignores every polite signal, with a child and a grandchild in sessions of their own that do the same. */
const STUBBORN = [
  `trap '' TERM INT HUP`,
  `(setsid sh -c "trap '' TERM; setsid sleep 3000 & sleep 3000") > /dev/null 2>&1 &`,
  'echo begun',
  'while :; do sleep 1; done',
].join('\n');

const shared = sharedWorld({ nodes: 3 });

async function cancel(world: World, run_id: number): Promise<void> {
  await world.client.call('cancelRun', { path: { id: String(run_id) }, body: { reason: 'not wanted' } });
}

describe.concurrent('how runs end', { timeout: 400_000 }, () => {
  it('cancelled while it runs, although the payload ignores SIGTERM; a second cancel is refused', async () => {
    const world = shared();
    const { id } = await submitOne(world, { steps: [STUBBORN, 'echo never'], artifacts: ['*'] });
    await inState(world, id, ['running']);
    await until('it has begun', 15_000, async () => (await detail(world, id)).log.bytes > 0);
    await cancel(world, id);
    const found = await finished(world, id);
    expect(found.run).toMatchObject({ verdict: 'cancelled', reason: 'not wanted', held: false });
    expect(found.steps.map(({ state }) => state)).toEqual(['cancelled', 'skipped']);
    expect((await logOf(world, id)).toString()).toMatch(/^begun\n/);
    await expect(cancel(world, id)).rejects.toBeInstanceOf(ApiProblem);
  });

  it('cancelled while it waits for a node that there is not, and while it is handed out', async () => {
    const world = shared();
    // No node type can ever carry this: refused is an end, too.
    const never = await submitOne(world, { nodes: 'unit && x86_64 && !unit', steps: ['true'] });
    const refused = await finished(world, never.id);
    expect(refused.run).toMatchObject({ verdict: 'infra', attempt: 1 });
    expect(refused.run.reason).toContain('no node can run it');
    const { id } = await submitOne(world, { steps: ['sleep 300'] });
    await until('it is handed out', 30_000, async () => (await attemptsOf(world, id))[0]?.state !== 'queued', 2);
    await cancel(world, id);
    expect((await finished(world, id)).run.verdict).toBe('cancelled');
    const queued = await submitOne(world, { steps: ['sleep 300'] });
    await cancel(world, queued.id);
    expect((await finished(world, queued.id)).run.verdict).toBe('cancelled');
    expect(await attemptsOf(world, queued.id)).toHaveLength(1);
  });

  it('a step that takes too long is ended with its grandchildren; the steps after it are skipped', async () => {
    const world = shared();
    const { id } = await submitOne(world, {
      steps: [{ name: 'slow', run: STUBBORN, timeout: '2s' }, 'echo never'],
    });
    const found = await finished(world, id);
    expect(found.run).toMatchObject({
      verdict: 'timeout',
      reason: expect.stringMatching(/^step "slow" took longer than 2(\.0)? s$/),
    });
    expect(found.steps.map(({ state }) => state)).toEqual(['timeout', 'skipped']);
    expect((await logOf(world, id)).toString()).toMatch(/the step "slow" took longer than 2(\.0)? s and was ended/);
  });

  it('a run that takes too long is ended as a whole', async () => {
    const world = shared();
    const { id } = await submitOne(world, { timeout: '3s', steps: ['echo one', 'sleep 100'] });
    const found = await finished(world, id);
    expect(found.run.verdict).toBe('timeout');
    expect(found.run.reason).toMatch(/longer than 3(\.0)? s/);
    expect(found.steps.map(({ state }) => state)).toEqual(['passed', 'timeout']);
  });

  it('jobs after others: in order, and skipped with the whole chain when one does not pass', async () => {
    const world = shared();
    const text = jobFile({
      jobs: {
        first: { steps: ['echo first'] },
        second: { after: 'first', steps: ['exit 1'] },
        third: { after: ['first', 'second'], steps: ['echo never'] },
        fourth: { after: 'third', steps: ['echo never'] },
        beside: { after: 'first', matrix: { python: ['3.12', '3.13'] }, steps: ['echo "python $python"'] },
      },
    });
    const runs = await submit(world, text);
    expect(runs).toHaveLength(6);
    const ended = await Promise.all(runs.map(async ({ id }) => await finished(world, id)));
    const verdicts = ended.map(({ run }) => `${run.job} ${run.verdict}`).toSorted();
    expect(verdicts).toEqual([
      'beside (3.12) passed',
      'beside (3.13) passed',
      'first passed',
      'fourth skipped',
      'second failed',
      'third skipped',
    ]);
    const first = ended.find(({ run }) => run.job === 'first')?.run;
    for (const { run } of ended.filter(({ run }) => /^(second|beside)/.test(run.job))) {
      expect(Date.parse(run.started_at as string)).toBeGreaterThanOrEqual(Date.parse(first?.ended_at as string));
    }
    const logs = await Promise.all(
      ended
        .filter(({ run }) => run.job.startsWith('beside'))
        .map(async ({ run }) => (await logOf(world, run.id)).toString()),
    );
    expect(logs.toSorted()).toEqual(['python 3.12\n', 'python 3.13\n']);
    const build = await until('the build is finished', 10_000, async () => {
      const found = await world.client.call('getBuild', { path: { id: runs[0]?.build_id as number } });
      return found.build.finished_at === null ? null : found;
    });
    expect(build.waits_for).toEqual([]);
  });

  it('broken results: the verdict tells the position, and log and files are kept', async () => {
    const world = shared();
    const { id } = await submitOne(world, {
      steps: ['echo logged', junitStep(3), `head -c 150 junit.xml > broken.xml; printf '<oops' >> broken.xml`],
      results: ['broken.xml'],
      artifacts: ['junit.xml'],
    });
    const found = await finished(world, id);
    expect(found.run.verdict).toBe('failed');
    expect(`${found.run.reason} ${found.results_problem}`).toMatch(/broken\.xml.*(line|:)\s*\d+/);
    expect((await logOf(world, id)).toString()).toBe('logged\n');
    expect((await artifactOf(world, found, 'junit.xml')).toString()).toContain('<testsuite');
    expect((await artifactOf(world, found, 'broken.xml')).length).toBe(155);
  });

  it('results that are expected and missing are a failure that says so', async () => {
    const world = shared();
    const { id } = await submitOne(world, { steps: ['echo well'], results: ['nowhere/*.xml'] });
    const found = await finished(world, id);
    expect(found.run.verdict).toBe('failed');
    expect(found.run.reason).toContain('nowhere/*.xml');
  });

  it('50 MB of log: byte-exact, also by ranges', async () => {
    const world = shared();
    const { id } = await submitOne(world, {
      steps: [`awk 'BEGIN { for (i = 0; i < 819200; i++) printf "%063d\\n", i }'`],
    });
    const found = await finished(world, id, 80_000);
    expect(found.run.verdict).toBe('passed');
    const log = await logOf(world, id);
    expect(log.length).toBe(52_428_800);
    for (const line of [0, 1, 65_535, 65_536, 400_001, 819_199]) {
      expect(log.toString('latin1', line * 64, line * 64 + 64)).toBe(`${String(line).padStart(63, '0')}\n`);
    }
    // Every line is its own number: none is missing, doubled or in another's place.
    let wrong = 0;
    for (let line = 0; line < 819_200; line++)
      if (Number(log.toString('latin1', line * 64, line * 64 + 63)) !== line) wrong++;
    expect(wrong).toBe(0);
  });

  it('a payload that multiplies, fills its temporary directory and prints bytes that are no text', async () => {
    const world = shared();
    const { id } = await submitOne(world, {
      steps: [
        { name: 'bytes', run: `head -c 70000 /dev/zero; printf '\\377\\376\\000\\n'` },
        // As many as the node allows; each that could not be started ends its own branch.
        { name: 'many', run: 'for i in $(seq 400); do sleep 30 & done 2> /dev/null || true', timeout: '20s' },
        { name: 'full', run: 'head -c 50000000 /dev/zero > /tmp/filler && ls -s /tmp/filler > /dev/null' },
      ],
    });
    const found = await finished(world, id);
    expect(['passed', 'failed']).toContain(found.run.verdict);
    expect(found.steps[0]?.state).toBe('passed');
    const log = await logOf(world, id);
    expect(log.subarray(0, 70_004).equals(Buffer.concat([Buffer.alloc(70_000), Buffer.from([255, 254, 0, 10])]))).toBe(
      true,
    );
    // Whatever it did to itself, the next one finds a whole node.
    const next = await submitOne(world, { steps: ['sleep 0 & wait; echo well'] });
    expect((await finished(world, next.id)).run.verdict).toBe('passed');
  });

  it('cancels a whole submission at once', async () => {
    const world = shared();
    const text = jobFile({ jobs: { one: { steps: ['sleep 300'] }, two: { after: 'one', steps: ['true'] } } });
    const runs = await submit(world, text);
    const first = runs[0]?.id as number;
    await inState(world, first, ['running']);
    const { run } = await detail(world, first);
    const [row] = await world.rows<{ id: number }>('select max(id)::int as id from submissions where build_id = $1', [
      run.build_id,
    ]);
    await world.client.call('cancelSubmission', { path: { id: row?.id as number }, body: { reason: 'all of it' } });
    for (const { id } of runs) expect((await finished(world, id)).run.verdict).toBe('cancelled');
  });
});
