import { describe, expect, it } from 'vitest';
import {
  artifactOf,
  attemptsOf,
  finished,
  jobFile,
  junitStep,
  logOf,
  numberedLines,
  openGate,
  submit,
} from './harness/jobs.ts';
import { testWorld } from './harness/test-world.ts';
import { until } from './harness/wait.ts';
import type { World } from './harness/world.ts';

const LINES = numberedLines(400, 0.01);
const LONG = numberedLines(1500, 0.01, 1000);

/** Numbered lines, results, and a file that takes a moment to upload. */
function witnessJob(tests: number, count = LINES.script): string {
  return jobFile({
    steps: [
      { name: 'count', run: count },
      { name: 'results', run: junitStep(tests, 0) },
      { name: 'blob', run: 'head -c 12000000 /dev/urandom > blob.bin; sha256sum blob.bin | cut -c1-64 > blob.sum' },
    ],
    results: ['junit.xml'],
    artifacts: ['blob.*'],
  });
}

interface Moment {
  run_id: number;
  state: string;
  bytes: number;
  results: number;
  artifacts: number;
  archived: boolean;
}

async function momentOf(world: World, run_id: number): Promise<Moment> {
  const [row] = await world.rows<Moment>(
    `select runs.id::int as run_id, runs.state, coalesce(run_logs.bytes, 0)::int as bytes,
       (select count(*)::int from artifacts where run_id = runs.id) as artifacts,
       run_logs.blob is not null as archived
     from runs left join run_logs on run_logs.run_id = runs.id where runs.id = $1`,
    [run_id],
  );
  return row as Moment;
}

/** Everything of the run is there exactly once, on the one node that began it. */
async function expectWhole(world: World, run_id: number, tests: number, log = LINES.expected): Promise<void> {
  const found = await finished(world, run_id, 60_000);
  expect(found.run).toMatchObject({ verdict: 'passed', attempt: 1, counts: { pass: tests, fail: 0 } });
  expect(found.steps.map(({ name, state }) => `${name} ${state}`)).toEqual([
    'count passed',
    'results passed',
    'blob passed',
  ]);
  const sum = (await artifactOf(world, found, 'blob.sum')).toString().trim();
  expect((await artifactOf(world, found, 'blob.bin')).length).toBe(12_000_000);
  expect(found.artifacts.find(({ path }) => path === 'blob.bin')?.sha256).toBe(sum);
  const archived = async () => (await momentOf(world, run_id)).archived;
  await until('the log is archived', 30_000, archived);
  expect((await logOf(world, run_id)).toString()).toBe(log);
  const attempts = await attemptsOf(world, run_id);
  expect(attempts).toHaveLength(1);
}

describe.concurrent('SIGKILL of the server', () => {
  it('at every stage of a run: it goes on in its node, and everything of it is there once', {
    timeout: 400_000,
  }, async (context) => {
    const world = await testWorld(context);
    await world.start();
    const text = witnessJob(20_000);
    // Submission: the answer is never read.
    const lost = submit(world, text, 'once').catch(() => null);
    await world.kill();
    await lost;
    await world.start();
    const runs = await submit(world, text, 'once');
    expect(runs).toHaveLength(1);
    const { id } = runs[0] as { id: number };
    const moments: [string, (moment: Moment) => boolean][] = [
      ['handed out', ({ state }) => state !== 'queued'],
      ['the log streams', ({ bytes }) => bytes > 500],
      ['the files come', ({ artifacts }) => artifacts > 0],
      ['the payload has ended', ({ state }) => state === 'finishing' || state === 'finished'],
      ['it has its verdict', ({ state }) => state === 'finished'],
    ];
    const nodes = new Set<string>();
    for (const [what, isSo] of moments) {
      await until(what, 40_000, async () => isSo(await momentOf(world, id)), 3);
      // From its acknowledgement on the run belongs to one node; before, it may be handed to another.
      for (const { state, node_id } of await attemptsOf(world, id)) {
        if (node_id !== null && state !== 'assigned') nodes.add(node_id);
      }
      await world.restart();
    }
    await expectWhole(world, id, 20_000);
    expect([...nodes]).toHaveLength(1);
    const submissions = await world.rows('select id from submissions');
    expect(submissions).toHaveLength(1);
    await world.rest();
  });

  it('and of PostgreSQL before, with half a minute until it is back: the log has no gap', {
    timeout: 400_000,
  }, async (context) => {
    const world = await testWorld(context);
    await world.start();
    const [run] = await submit(world, witnessJob(100, LONG.script));
    const id = (run as { id: number }).id;
    for (const bytes of [300, 2000]) {
      await until(`${bytes} bytes of log`, 30_000, async () => (await momentOf(world, id)).bytes > bytes, 5);
      const { pid } = world.postgres;
      process.kill(pid, 'SIGKILL');
      await until('PostgreSQL is there again', 20_000, async () => {
        return world.postgres.pid !== pid && (await momentOf(world, id)) !== null;
      });
    }
    expect(world.server.hasEnded()).toBe(false);
    await until('the log goes on', 30_000, async () => (await momentOf(world, id)).bytes > 4000, 5);
    expect((await momentOf(world, id)).bytes).toBeLessThan(LONG.expected.length);
    await openGate(world, id);
    await world.restart(31_000);
    await expectWhole(world, id, 100, LONG.expected);
    // A new run after the mishaps goes its whole way, too.
    const [next] = await submit(world, jobFile({ steps: ['echo well'] }));
    expect((await finished(world, (next as { id: number }).id)).run.verdict).toBe('passed');
    await world.rest();
  });
});
