import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { assignment, type Bench, openBench, step } from '../../testing/harness.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(async () => {
  const problems = [...bench.server.problems];
  await bench.close();
  expect(problems).toEqual([]);
});

async function finished(): Promise<{ log: string; state: string; reason: string }> {
  await bench.server.until('the run has ended', () => bench.server.run?.outcome != null, 25_000);
  const run = bench.server.run!;
  return { log: run.log.toString(), state: run.outcome!.state, reason: run.outcome!.reason };
}

/** Words are heard in order: when this one is answered, those before it were heard, and what was said until then has come. */
async function hasHeard(what: string): Promise<void> {
  bench.server.say({ type: 'shell_open', shell_id: what, rows: 0, columns: 0, command: 'true' });
  await bench.server.until(`it has heard ${what}`, () => bench.server.shell.ends.has(what));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test('a run: output and errors in the order they were written, environment, exit codes, skipped steps', async () => {
  bench.server.env = { FROM_NODE: 'node', BOTH: 'node' };
  bench.startAgent();
  await bench.server.until('connected', () => bench.server.isConnected());
  bench.server.assign(
    assignment({
      env: { BOTH: 'job' },
      steps: [
        step('echo one; echo two >&2; echo three; echo four > /dev/stderr; echo "$FROM_NODE $BOTH $STEP"; pwd', {
          name: 'first',
          env: { STEP: 'step' },
        }),
        step('false\necho never', { name: 'second' }),
        step('echo never', { name: 'third' }),
      ],
    }),
  );
  const end = await finished();
  expect(end.log).toBe(`one\ntwo\nthree\nfour\nnode job step\n${bench.workspace}/widget\n`);
  expect(end).toMatchObject({ state: 'failed', reason: 'step "second" exited 1' });
  const steps = [...bench.server.run!.steps.values()];
  expect(steps.map((one) => one.state)).toEqual(['passed', 'failed', 'skipped']);
  expect(steps.map((one) => one.log_offset)).toEqual([0, end.log.length, end.log.length]);
  expect(existsSync(join(bench.directory, 'agent.json'))).toBe(false);
});

test('the same assignment handed twice is one run, and a lost acknowledgement is said again', async () => {
  let losses = 2;
  bench.server.swallow = (word) => word.type === 'acknowledge' && losses-- > 0;
  bench.startAgent();
  await bench.server.until('connected', () => bench.server.isConnected());
  const given = assignment({ steps: [step('echo ran >> ../count; sleep 0.4')] });
  bench.server.assign(given);
  bench.server.say({ type: 'assignments', assignments: [given] });
  await bench.server.until('started', () => bench.server.run!.steps.size > 0);
  bench.server.say({ type: 'assignments', assignments: [given] });
  expect((await finished()).state).toBe('passed');
  expect(readFileSync(join(bench.workspace, 'count'), 'utf8')).toBe('ran\n');
});

test('nothing of the payload runs before the acknowledgement is answered', async () => {
  let said = 0;
  bench.server.swallow = (word) => word.type === 'acknowledge' && ++said > 0;
  bench.startAgent();
  await bench.server.until('connected', () => bench.server.isConnected());
  bench.server.assign(assignment({ steps: [step('touch ../ran')] }));
  await bench.server.until('it says so again and again', () => said > 2);
  bench.server.run!.stale = true;
  bench.server.swallow = () => false;
  const before = bench.server.words.length;
  await bench.server.until('it is told', () => bench.server.words.length > before);
  await hasHeard('the answer');
  expect(existsSync(join(bench.workspace, 'ran'))).toBe(false);
});

test('a step that takes too long is ended with its grandchildren, one that ignores SIGTERM and one that daemonised too', async () => {
  const agent = bench.startAgent();
  await bench.server.until('connected', () => bench.server.isConnected());
  const daemon = 'setsid sh -c \'trap "" TERM HUP; echo $$ > ../daemon; while :; do sleep 1; done\' >/dev/null 2>&1 &';
  const script = `${daemon}\n(sleep 100 & echo $! > ../grandchild; wait) &\ntrap "" TERM\necho $$ > ../own\nwhile :; do sleep 1; done`;
  bench.server.assign(assignment({ steps: [step(script, { timeout_ms: 15_000 })] }));
  const names = ['daemon', 'grandchild', 'own'];
  const pidOf = (name: string): number => Number(readFileSync(join(bench.workspace, name), 'utf8'));
  await bench.server.until('all of them', () =>
    names.every((name) => existsSync(join(bench.workspace, name)) && pidOf(name) > 0),
  );
  await agent.pass(15_000);
  const end = await finished();
  expect(end.state).toBe('timeout');
  expect(end.log).toContain('groundcrew: the step "test" took longer than 15.0 s and was ended');
  for (const name of names) expect(isAlive(pidOf(name))).toBe(false);
});

test('a step that closes its pipes and leaves a process behind: the step ends, the process does not outlive the run', async () => {
  bench.startAgent();
  await bench.server.until('connected', () => bench.server.isConnected());
  const leave = 'sh -c "exec >/dev/null 2>&1; sleep 100" & echo $! > ../left\nexec >&- 2>&-\nsleep 0.1';
  const look = 'kill -0 $(cat ../left) && echo still there';
  bench.server.assign(assignment({ steps: [step(leave), step(look)] }));
  const end = await finished();
  expect(end).toMatchObject({ state: 'passed', log: 'still there\n' });
  expect(isAlive(Number(readFileSync(join(bench.workspace, 'left'), 'utf8')))).toBe(false);
});

test('a run that takes too long', async () => {
  const agent = bench.startAgent();
  await bench.server.until('connected', () => bench.server.isConnected());
  const run = bench.server.assign(assignment({ timeout_ms: 15_000, steps: [step('echo begun; sleep 100')] }));
  await bench.server.until('begun', () => run.log.length > 0);
  await agent.pass(15_000);
  const end = await finished();
  expect(end).toMatchObject({ state: 'timeout', reason: 'the run took longer than 15.0 s' });
  expect(end.log).toMatch(/^begun\n/);
});

test('cancel ends the payload and says so', async () => {
  bench.startAgent();
  await bench.server.until('connected', () => bench.server.isConnected());
  const run = bench.server.assign(
    assignment({ steps: [step('echo $$ > ../own; echo begun; sleep 100'), step('true')] }),
  );
  await bench.server.until('begun', () => run.log.length > 0);
  bench.server.say({ type: 'cancel', run_id: run.assignment.run_id, fence: 1, reason: 'maria does not want it' });
  const end = await finished();
  expect(end).toMatchObject({ state: 'cancelled', reason: 'maria does not want it' });
  expect([...run.steps.values()].map((one) => one.state)).toEqual(['cancelled', 'skipped']);
  expect(isAlive(Number(readFileSync(join(bench.workspace, 'own'), 'utf8')))).toBe(false);
});

test('a stale fence ends the payload without a word', async () => {
  const agent = bench.startAgent();
  await bench.server.until('connected', () => bench.server.isConnected());
  const run = bench.server.assign(assignment({ steps: [step('echo $$ > ../own; echo begun; sleep 100')] }));
  await bench.server.until('begun', () => run.log.length > 0);
  run.stale = true;
  const own = Number(readFileSync(join(bench.workspace, 'own'), 'utf8'));
  bench.server.say({ type: 'stale', run_id: run.assignment.run_id, fence: 1 });
  const words = bench.server.words.length;
  await bench.server.until('the payload is gone', () => !isAlive(own));
  await agent.pass(15_000);
  await hasHeard('this');
  expect(bench.server.words.slice(words).filter((word) => !word.type.startsWith('shell_'))).toEqual([]);
});

test('a cancelled run whose fence lapses before its log is taken: not a word more', async () => {
  const { server } = bench;
  let chunks = 0;
  server.swallow = (word) => word.type === 'log' && ++chunks > 1;
  const agent = bench.startAgent({ log_answer_ms: 100 });
  await server.until('connected', () => server.isConnected());
  const run = server.assign(assignment({ steps: [step('echo begun; sleep 100')] }));
  await server.until('begun', () => run.log.length > 0);
  const { run_id, fence } = run.assignment;
  server.say({ type: 'cancel', run_id, fence, reason: 'enough' });
  await server.until('the rest of the log comes again and again', () => chunks > 3);
  run.stale = true;
  server.say({ type: 'stale', run_id, fence });
  await hasHeard('stale');
  const before = chunks;
  await agent.pass(15_000);
  await hasHeard('more');
  expect(chunks).toBe(before);
});

test('cut off for too long: the payload is ended, and the run handed back when the server returns', async () => {
  const agent = bench.startAgent({ cut_off_ms: 15_000 });
  await bench.server.until('connected', () => bench.server.isConnected());
  const run = bench.server.assign(assignment({ steps: [step('echo $$ > ../own; echo begun; sleep 100')] }));
  await bench.server.until('begun', () => run.log.length > 0);
  const own = Number(readFileSync(join(bench.workspace, 'own'), 'utf8'));
  await bench.server.stop();
  await bench.server.until('it has noticed', () => agent.stderr().includes('no connection to the server'));
  await agent.pass(15_000);
  await bench.server.until('the payload is gone', () => !isAlive(own));
  await bench.server.start();
  expect(await finished()).toMatchObject({ state: 'infra', reason: 'the server could not be reached for 15.0 s' });
});

test('SIGTERM hands the run back as infra before the agent ends', async () => {
  const agent = bench.startAgent();
  await bench.server.until('connected', () => bench.server.isConnected());
  const run = bench.server.assign(assignment({ steps: [step('echo begun; sleep 100')] }));
  await bench.server.until('begun', () => run.log.length > 0);
  agent.child.kill('SIGTERM');
  expect(await agent.exited).toEqual({ code: 0, signal: null });
  expect(run.outcome).toMatchObject({ state: 'infra', reason: 'the machine is going away' });
});

test('SIGKILL of the agent in the middle of a step: the payload is not run again, and the run is infra', async () => {
  const agent = bench.startAgent();
  await bench.server.until('connected', () => bench.server.isConnected());
  const run = bench.server.assign(assignment({ steps: [step('echo $$ >> ../own; echo begun; exec sleep 100')] }));
  await bench.server.until('begun', () => run.log.length > 0);
  agent.child.kill('SIGKILL');
  await agent.exited;
  const own = readFileSync(join(bench.workspace, 'own'), 'utf8').trim();
  expect(isAlive(Number(own))).toBe(true);
  bench.startAgent();
  const end = await finished();
  expect(end.state).toBe('infra');
  expect(end.log).toBe('begun\ngroundcrew: the agent was restarted in the middle of the run; the run ends here\n');
  expect(isAlive(Number(own))).toBe(false);
  expect(readFileSync(join(bench.workspace, 'own'), 'utf8').trim()).toBe(own);
});

test('SIGKILL of the agent after the payload: the end is told by the next process', async () => {
  const agent = bench.startAgent();
  bench.server.swallow = (word) => word.type === 'finish';
  await bench.server.until('connected', () => bench.server.isConnected());
  bench.server.assign(assignment({ steps: [step('echo done; exit 7')] }));
  await bench.server.until('finish', () => bench.server.words.some((word) => word.type === 'finish'));
  agent.child.kill('SIGKILL');
  await agent.exited;
  bench.server.swallow = () => false;
  bench.startAgent();
  expect(await finished()).toEqual({ log: 'done\n', state: 'failed', reason: 'step "test" exited 7' });
});

test('a script that is no argument any more is refused in words', async () => {
  bench.startAgent();
  await bench.server.until('connected', () => bench.server.isConnected());
  bench.server.assign(assignment({ steps: [step(`: ${'x'.repeat(130_000)}`)] }));
  expect((await finished()).reason).toContain('longer than 120.0 KiB; put it into a file');
});

test('a used token: a clear message and exit 1', async () => {
  bench.server.useToken();
  const agent = bench.startAgent();
  expect(await agent.exited).toEqual({ code: 1, signal: null });
  expect(agent.stderr()).toContain('GC1901  The agent was refused: the server does not accept its token.');
});

test('an agent file that is not right names the field', async () => {
  writeFileSync(join(bench.directory, 'agent.json'), '{"server_url": "ftp://x"}');
  writeFileSync(join(bench.directory, 'state', 'state.json'), '');
  const agent = bench.startAgent();
  expect((await agent.exited).code).toBe(1);
  expect(agent.stderr()).toContain('"server_url" must begin with unix:/, http:// or https://');
});
