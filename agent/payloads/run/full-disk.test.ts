import { existsSync, mkdirSync, readFileSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { assignment, type Bench, openBench, step } from '../../testing/harness.ts';
import type { Kept } from '../../turn/kept.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(async () => {
  const problems = [...bench.server.problems];
  await bench.close();
  expect(problems).toEqual([]);
});

const inState = (name: string): string => join(bench.directory, 'state', name);

async function connected(): Promise<void> {
  await bench.server.until('connected', () => bench.server.words.some((word) => word.type === 'preflight'));
}

async function end(): Promise<{ log: string; state: string; reason: string }> {
  await bench.server.until('the run has ended', () => bench.server.run?.outcome != null, 25_000);
  const run = bench.server.run!;
  return { log: run.log.toString(), state: run.outcome!.state, reason: run.outcome!.reason };
}

test('a state file that can no longer be written in the middle of a run: everything is told all the same', async () => {
  const agent = bench.startAgent();
  await connected();
  const wait = 'echo begun; while [ ! -e ../go ]; do sleep 0.05; done; echo 1 > 1.xml';
  const results = [{ path: '*.xml', format: 'junit' as const }];
  const run = bench.server.assign(assignment({ steps: [step(wait), step('echo second')], results }));
  await bench.server.until('begun', () => run.log.length > 0);
  // A directory in the place of its draft stands for a disk that takes nothing.
  mkdirSync(inState('state.json.new'));
  writeFileSync(join(bench.workspace, 'go'), '');
  expect(await end()).toEqual({ log: 'begun\nsecond\n', state: 'passed', reason: 'every step passed' });
  expect([...run.steps.values()].map((one) => one.state)).toEqual(['passed', 'passed']);
  expect(bench.server.http.artifacts.size).toBe(1);
  expect(agent.stderr().match(/the state cannot be kept/g)).toHaveLength(1);
  const kept = (): Kept => JSON.parse(readFileSync(inState('state.json'), 'utf8'));
  expect(kept().runs[0]!.phase).toBe('steps');
  rmdirSync(inState('state.json.new'));
  await bench.server.until('it is kept again', () => kept().runs[0]!.phase === 'done');
});

test('a run that comes when nothing can be kept goes to another node', async () => {
  bench.startAgent();
  await connected();
  mkdirSync(inState('state.json.new'));
  bench.server.assign(assignment({ steps: [step('touch ../ran')] }));
  expect(await end()).toMatchObject({
    state: 'infra',
    reason: 'the node cannot keep what it does; is its disk full?',
  });
  expect(existsSync(join(bench.workspace, 'ran'))).toBe(false);
});

test('a log that takes no byte more, not even the line that says so: the end says it', async () => {
  symlinkSync('/dev/full', inState('run-977-1.log'));
  bench.startAgent();
  await connected();
  bench.server.assign(assignment({ steps: [step('echo lost')] }));
  expect(await end()).toEqual({
    log: '',
    state: 'passed',
    reason: 'every step passed; a part of the log is missing: the disk of the node is full',
  });
});

test('a step that fails where the disk takes no log: another node is tried', async () => {
  symlinkSync('/dev/full', inState('run-977-1.log'));
  bench.startAgent();
  await connected();
  bench.server.assign(assignment({ steps: [step('echo lost; exit 3')], artifacts: ['*'] }));
  const { state, reason } = await end();
  expect(state).toBe('infra');
  expect(reason).toMatch(
    /^the disk of the node is full: .*3.*; a part of the log is missing: the disk of the node is full$/,
  );
});

test('a step that fails after its log was cut at its limit has failed', async () => {
  bench.startAgent({ log_bytes: 3 });
  await connected();
  bench.server.assign(assignment({ steps: [step('echo too long; exit 3')] }));
  expect(await end()).toMatchObject({ state: 'failed' });
});

test('a log that cannot even be opened: the run goes to another node', async () => {
  mkdirSync(inState('run-977-1.log'));
  bench.startAgent();
  await connected();
  bench.server.assign(assignment({ steps: [step('touch ../ran')] }));
  const { state, reason } = await end();
  expect(state).toBe('infra');
  expect(reason).toMatch(/^the log cannot be kept on the node: EISDIR/);
  expect(existsSync(join(bench.workspace, 'ran'))).toBe(false);
});
