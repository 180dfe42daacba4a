import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import { randomName, systemRandom } from '../../../src/base/random.ts';
import type { Operations } from '../../../src/protocol/client.generated.ts';
import { shellCommand } from './shell.ts';
import { until } from './wait.ts';
import type { World } from './world.ts';

export type Run = Operations['getRun']['answer']['run'];
export type RunDetail = Operations['getRun']['answer'];

/** A job file as data; `steps` are scripts. */
export interface Job {
  steps: (string | { name?: string; run: string; timeout?: string })[];
  [key: string]: unknown;
}

/** The text of a job file of the project e2e/PROJECT with one job, or with what `jobs` says. */
export function jobFile(
  job: Job | ({ jobs: Record<string, Job> } & Record<string, unknown>),
  project = 'e2e/flow',
): string {
  return stringify({ project, build: randomName(systemRandom, 8), nodes: 'unit', ...job });
}

/** Submits; the same key submits once. */
export async function submit(world: World, text: string, idempotency_key?: string): Promise<Run[]> {
  const { client } = world;
  const response = await fetch(client.address('submit'), {
    method: 'POST',
    headers: {
      ...client.headers,
      'content-type': 'application/json',
      ...(idempotency_key ? { 'idempotency-key': idempotency_key } : {}),
    },
    body: JSON.stringify({ job_file: text, file: 'job.yaml' }),
  });
  const answer = (await response.json()) as { runs?: Run[]; detail?: string };
  if (!response.ok || answer.runs === undefined) throw new Error(`submit: ${response.status} ${answer.detail}`);
  return answer.runs;
}

/** Submits a file with one run. */
export async function submitOne(world: World, job: Job): Promise<Run> {
  const [run] = await submit(world, jobFile(job));
  return run as Run;
}

export async function detail(world: World, run_id: number): Promise<RunDetail> {
  return await world.client.call('getRun', { path: { id: String(run_id) } });
}

export async function inState(
  world: World,
  run_id: number,
  states: readonly string[],
  within_ms = 30_000,
): Promise<Run> {
  return await until(`run ${run_id} is ${states.join(' or ')}`, within_ms, async () => {
    const { run } = await detail(world, run_id);
    if (states.includes(run.state)) return run;
    // Waiting on would be for nothing.
    if (run.state === 'finished') throw new Error(`it is finished: ${run.verdict}, ${run.reason}`);
    return null;
  });
}

export async function finished(world: World, run_id: number, within_ms = 60_000): Promise<RunDetail> {
  return await until(`run ${run_id} is finished`, within_ms, async () => {
    const found = await detail(world, run_id);
    return found.run.state === 'finished' ? found : null;
  });
}

/** The attempt of a job that has a verdict which is not tried again. */
export async function lastAttempt(
  world: World,
  first_run_id: number,
  attempt: number,
  within_ms = 60_000,
): Promise<RunDetail> {
  const id = await until(`attempt ${attempt} of run ${first_run_id}`, within_ms, async () => {
    const found = await detail(world, first_run_id);
    if (found.run.attempt === attempt) return first_run_id;
    return found.other_attempts.find((other) => other.attempt === attempt)?.id;
  });
  return await finished(world, id, within_ms);
}

/** The whole log as bytes. */
export async function logOf(world: World, run_id: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const { client } = world;
  for (let offset = 0; ; ) {
    const address = client.address('getLog', { path: { id: String(run_id) }, query: { offset, limit: 8 * 2 ** 20 } });
    const response = await fetch(address, { headers: client.headers });
    if (!response.ok) throw new Error(`log of run ${run_id}: ${response.status} ${await response.text()}`);
    const piece = Buffer.from(await response.arrayBuffer());
    pieces.push(piece);
    offset += piece.length;
    if (offset >= Number(response.headers.get('x-log-bytes'))) return Buffer.concat(pieces);
    if (piece.length === 0) throw new Error(`log of run ${run_id} ends at byte ${offset}, before its end`);
  }
}

/** Downloads a file of a run and checks it against the hash that the server tells. */
export async function artifactOf(world: World, found: RunDetail, path: string): Promise<Buffer> {
  const artifact = found.artifacts.find((candidate) => candidate.path === path);
  if (artifact === undefined) throw new Error(`run ${found.run.id} has no ${path}`);
  const { client } = world;
  const address = client.address('getArtifact', { path: { id: String(found.run.id), artifact: artifact.id } as never });
  const response = await fetch(address, { headers: client.headers });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  const body = Buffer.from(await response.arrayBuffer());
  const sha256 = createHash('sha256').update(body).digest('hex');
  if (body.length !== artifact.size || sha256 !== artifact.sha256) throw new Error(`${path} is not what was uploaded`);
  return body;
}

/**
 * A step that prints `line 1` to `line COUNT` and rests in between; and what it prints. With `gate_after` it waits after
 * so many lines until `openGate`: what it is to be met by cannot come too late then.
 */
export function numberedLines(
  count: number,
  pause_s: number,
  gate_after?: number,
): { script: string; expected: string } {
  const gate = gate_after === undefined ? '' : `[ $i -ne ${gate_after} ] || until [ -e gate ]; do sleep 0.1; done; `;
  const script = `i=0; while [ $i -lt ${count} ]; do i=$((i+1)); echo "line $i"; ${gate}sleep ${pause_s}; done`;
  const lines = Array.from({ length: count }, (_, index) => `line ${index + 1}\n`);
  return { script, expected: lines.join('') };
}

/** Lets a step of `numberedLines` with a gate go on. */
export async function openGate(world: World, run_id: number): Promise<void> {
  const { run } = await detail(world, run_id);
  const { exit_code } = await shellCommand(world, run.node_id as string, 'touch gate');
  if (exit_code !== 0) throw new Error(`the gate of run ${run_id} cannot be opened: ${exit_code}`);
}

/** A step that writes a JUnit file with so many tests of which the first `failing` fail. */
export function junitStep(tests: number, failing = 0, file = 'junit.xml'): string {
  return [
    `awk 'BEGIN { print "<testsuite name=\\"numbers\\" tests=\\"${tests}\\">";`,
    `for (i = 1; i <= ${tests}; i++) if (i <= ${failing})`,
    `print "<testcase classname=\\"numbers\\" name=\\"test " i "\\" time=\\"0.01\\"><failure message=\\"expected " i "\\">at line " i "</failure></testcase>";`,
    `else print "<testcase classname=\\"numbers\\" name=\\"test " i "\\" time=\\"0.01\\"/>";`,
    `print "</testsuite>" }' > ${file}`,
  ].join(' ');
}

/** How often each verdict was written for a job: the rows of all its attempts. */
export async function attemptsOf(
  world: World,
  run_id: number,
): Promise<
  { id: number; attempt: number; state: string; verdict: string | null; node_id: string | null; fence: number }[]
> {
  return await world.rows(
    `select runs.id::int, attempt, runs.state, verdict, given.node_id, given.fence::int from runs
     left join run_assignments given on given.id = runs.assignment_id
     where job_id = (select job_id from runs where id = $1) order by attempt`,
    [run_id],
  );
}

/**
 * Moves a run's lease to the past: what 60 s of an agent's silence come to, without waiting for them. Again and again
 * until that was seen, since a word that the agent said before its end may be heard only now, and begins the lease anew.
 */
export async function lapseLease(world: World, run_id: number): Promise<void> {
  await until(`run ${run_id} is lost`, 30_000, async () => {
    const change = `update assignments set lease_until_alive_ms = 0 where kind = 'run' and subject = $1
      and (select state from runs where id = $1) = 'running' returning id`;
    return (await world.rows(change, [run_id])).length === 0;
  });
}

/**
 * Waits until the server has ticked so often, and so has looked at everything that is due: what it would do wrongly has
 * been done then, however slow the machine is.
 */
export async function ticks(world: World, count: number): Promise<void> {
  const alive_ms = async (): Promise<number> => {
    const [row] = await world.rows<{ alive_ms: number }>('select alive_ms::float8 as alive_ms from alive_clock');
    return row?.alive_ms as number;
  };
  const from_ms = await alive_ms();
  await until(`${count} ticks of the server`, 60_000, async () => (await alive_ms()) >= from_ms + count * 1_000);
}
