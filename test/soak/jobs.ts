import { expect } from 'vitest';
import { type Random, randomName } from '../../src/base/random.ts';
import {
  artifactOf,
  attemptsOf,
  detail,
  jobFile,
  junitStep,
  logOf,
  numberedLines,
  type Run,
  submit,
} from '../e2e/harness/jobs.ts';
import { until } from '../e2e/harness/wait.ts';
import type { World } from '../e2e/harness/world.ts';

/** More than mishaps can use up in the time. */
const RETRIES = 10;
const TESTS = 200;

interface Kind {
  name: string;
  failing: number;
  hold: boolean;
  is_cancelled: boolean;
  verdict: string;
}

const KINDS: readonly Kind[] = [
  { name: 'passes', failing: 0, hold: false, is_cancelled: false, verdict: 'passed' },
  { name: 'fails', failing: 3, hold: false, is_cancelled: false, verdict: 'failed' },
  { name: 'fails and is held', failing: 1, hold: true, is_cancelled: false, verdict: 'failed' },
  { name: 'is cancelled', failing: 0, hold: false, is_cancelled: true, verdict: 'cancelled' },
];

/** One submission, and what must become of it whatever happens meanwhile. */
export interface Work {
  key: string;
  kind: Kind;
  lines: ReturnType<typeof numberedLines>;
  runs: readonly Run[];
}

/** Submits one piece of work of any kind; asked again under the same key for as long as the server is away. */
export async function submitWork(world: World, random: Random): Promise<Work> {
  const kind = KINDS[Math.floor(random.fraction() * KINDS.length)] as Kind;
  const lines = numberedLines(kind.is_cancelled ? 5 : 40 + Math.floor(random.fraction() * 160), 0.03);
  const key = randomName(random, 12);
  const steps = [
    { name: 'count', run: lines.script },
    { name: 'results', run: junitStep(TESTS, kind.failing) },
    { name: 'file', run: 'head -c 1000000 /dev/urandom > file.bin; sha256sum file.bin | cut -c1-64 > file.sum' },
    ...(kind.is_cancelled ? ['sleep 600'] : []),
  ];
  const text = jobFile({
    jobs: {
      main: {
        steps,
        results: ['junit.xml'],
        artifacts: ['file.*'],
        retries: RETRIES,
        ...(kind.hold ? { on_failure: { hold: '1h' } } : {}),
      },
      next: { after: 'main', steps: ['echo next'], retries: RETRIES },
    },
  });
  const runs = await until(`the submission ${key}`, 120_000, async () => await submit(world, text, key));
  return { key, kind, lines, runs };
}

function mainRun(work: Work): Run {
  return work.runs.find(({ job }) => job === 'main') as Run;
}

/** Asks for the end of everything of the submission, wherever it is. */
export async function cancelWork(world: World, work: Work): Promise<void> {
  await until(`the cancelling of ${work.key}`, 120_000, async () => {
    const [row] = await world.rows<{ id: number }>(
      'select submission_id::int as id from jobs where id = (select job_id from runs where id = $1)',
      [mainRun(work).id],
    );
    if (row === undefined) return false;
    await world.client.call('cancelSubmission', { path: { id: row.id }, body: { reason: 'soak' } });
    return true;
  });
}

/** True when both jobs of the work have an attempt with a last verdict and none that is not finished. */
export async function hasEnded(world: World, work: Work): Promise<boolean> {
  for (const { id } of work.runs) {
    const attempts = await attemptsOf(world, id);
    if (attempts.some(({ state }) => state !== 'finished')) return false;
  }
  return true;
}

/** Ends the holds of work that has ended, so that there is room for more. */
export async function releaseHolds(world: World, work: Work): Promise<true> {
  const { items } = await world.client.call('listHolds');
  const runs = new Set((await attemptsOf(world, mainRun(work).id)).map(({ id }) => id));
  for (const { run_id, node_id } of items) {
    if (run_id !== null && runs.has(run_id)) await world.client.call('releaseHold', { path: { id: node_id } });
  }
  return true;
}

/** Everything that must be true of work that has ended. */
export async function expectRight(world: World, work: Work): Promise<void> {
  const { kind, lines } = work;
  const attempts = await attemptsOf(world, mainRun(work).id);
  const about = `${kind.name}, run ${mainRun(work).id}`;
  expect(
    attempts.map(({ attempt }) => attempt),
    about,
  ).toEqual(attempts.map((_, index) => index + 1));
  const verdicts = attempts.map(({ verdict }) => verdict);
  expect(
    verdicts.slice(0, -1).every((verdict) => verdict === 'infra'),
    `${about}: ${verdicts.join()}`,
  ).toBe(true);
  expect(verdicts.at(-1), about).toBe(kind.verdict);
  const nodes = attempts.flatMap(({ node_id }) => (node_id === null ? [] : [node_id]));
  expect(new Set(nodes).size, about).toBe(nodes.length);
  const [next] = (await attemptsOf(world, (work.runs.find(({ job }) => job === 'next') as Run).id)).slice(-1);
  const expected = kind.is_cancelled ? ['cancelled', 'skipped'] : [kind.verdict === 'passed' ? 'passed' : 'skipped'];
  expect(expected, about).toContain(next?.verdict);
  if (kind.is_cancelled) return;
  const found = await detail(world, attempts.at(-1)?.id as number);
  expect(found.run.counts, about).toMatchObject({ pass: TESTS - kind.failing, fail: kind.failing });
  expect((await logOf(world, found.run.id)).toString(), about).toBe(lines.expected);
  const sum = (await artifactOf(world, found, 'file.sum')).toString().trim();
  await artifactOf(world, found, 'file.bin');
  expect(found.artifacts.find(({ path }) => path === 'file.bin')?.sha256, about).toBe(sum);
  if (!kind.hold) expect(found.run.held, about).toBe(false);
}
