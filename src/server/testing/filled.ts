import { gzipSync } from 'node:zlib';
import type { Assignment } from '../../protocol/job.ts';
import { finishRun, type PlayedAgent, playAgent, putArtifact, sayLog, takeRun } from './played-agent.ts';
import { type ScratchServer, until } from './scratch-server.ts';

/** What one run left on a server. */
export interface FilledRun {
  submission_id: number;
  build_id: number;
  run_id: number;
  log: string;
}

export function jobFile(build: string, more = ''): string {
  return [
    'project: acme/widget',
    `build: "${build}"`,
    'nodes: jammy',
    'environment: jammy',
    'steps: [{run: npm test}]',
    'results: [junit.xml]',
    'artifacts: ["*.txt"]',
    more,
  ].join('\n');
}

/** An empty tar archive is two blocks of zeros. */
export const EMPTY_ARCHIVE = new Uint8Array(gzipSync(Buffer.alloc(1024)));

/** Submits a job file and answers the first run of it. */
export async function submitRun(server: ScratchServer, job_file: string): Promise<Omit<FilledRun, 'log'>> {
  const answer = await server.call('POST', '/api/v1/submissions', { body: { job_file } });
  const { id, build_id, runs } = (await answer.json()) as { id: number; build_id: number; runs: { id: number }[] };
  if (answer.status !== 201) throw new Error(`not submitted: ${answer.status}`);
  return { submission_id: id, build_id, run_id: runs[0]?.id as number };
}

/** A run of this build that ended, with one step, a log, an artifact and two tests; the second fails when told. */
export async function fillRun(
  server: ScratchServer,
  build: string,
  options: { fails?: boolean; more?: string } = {},
): Promise<FilledRun & { agent: PlayedAgent; assignment: Assignment }> {
  const { fails = false, more = '' } = options;
  const submitted = await submitRun(server, jobFile(build, more));
  const agent = await playAgent(server);
  const assignment = await takeRun(agent);
  const { run_id, fence } = assignment;
  const log = 'one line\nERROR: something ünusual\nand the end\n';
  await sayLog(agent, assignment, 0, log);
  const step = {
    ordinal: 0,
    name: 'npm test',
    exit_code: fails ? 1 : 0,
    signal: null,
    started_ms: 1000,
    log_offset: 0,
  };
  agent.say({
    ...{ type: 'step', run_id, fence },
    step: { ...step, state: fails ? 'failed' : 'passed', finished_ms: 2000 },
  });
  const failure = fails ? '<failure message="expected 1 to equal 2">at parser.test.js:41</failure>' : '';
  const junit = `<testsuite name="parser"><testcase name="reads" time="0.1"/><testcase name="writes">${failure}</testcase></testsuite>`;
  await putArtifact(server, agent, assignment, { path: 'junit.xml', kind: 'result', content: junit });
  await putArtifact(server, agent, assignment, { path: `it's "ö(1)*.txt`, kind: 'artifact', content: 'what it left' });
  await finishRun(agent, assignment, fails ? 'failed' : 'passed', Buffer.byteLength(log));
  await until('the results', async () => {
    const answer = await server.call('GET', `/api/v1/builds/${submitted.build_id}`);
    return ((await answer.json()) as { build: { finished_at: string | null } }).build.finished_at;
  });
  return { ...submitted, log, agent, assignment };
}
