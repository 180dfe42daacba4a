import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AgentMessage, TaskSpec } from '../../src/protocol/agent.ts';
import { type AgentProcess, assignment, type Bench, openBench, step } from '../testing/harness.ts';

let bench: Bench;
let agent: AgentProcess;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(async () => {
  const problems = [...bench.server.problems];
  await bench.close();
  expect(problems).toEqual([]);
});

const task = (name: string, run: string, change: Partial<TaskSpec> = {}): TaskSpec => ({
  name,
  run,
  timeout_ms: 5_000,
  tries: 1,
  ...change,
});

async function preflight(tasks: TaskSpec[]): Promise<Extract<AgentMessage, { type: 'preflight' }>> {
  bench.server.preflight = tasks;
  agent = bench.startAgent();
  return await reported();
}

async function reported(): Promise<Extract<AgentMessage, { type: 'preflight' }>> {
  const isReport = (word: AgentMessage): word is Extract<AgentMessage, { type: 'preflight' }> =>
    word.type === 'preflight';
  await bench.server.until('a report', () => bench.server.words.some(isReport));
  return bench.server.words.find(isReport)!;
}

test('the built-in tasks are well on a good node, and only then work is pulled', async () => {
  const names = ['disk', 'network', 'clock', 'workspace'];
  const report = await preflight(names.map((name) => task(name, `builtin:${name}`)));
  expect(report.ok).toBe(true);
  expect(report.tasks.map((one) => [one.name, one.outcome])).toEqual(names.map((name) => [name, 'ok']));
  expect(report.tasks[0]!.detail).toMatch(/^\d+ % free$/);
  expect(report.tasks[3]!.detail).toBe('clean, writable');
  await bench.server.until('a pull', () => bench.server.words.some((word) => word.type === 'pull'));
  expect(bench.server.words.findIndex((word) => word.type === 'preflight')).toBeLessThan(
    bench.server.words.findIndex((word) => word.type === 'pull'),
  );
});

test('a workspace that is not clean halts nothing but fails', async () => {
  writeFileSync(join(bench.workspace, 'left-behind'), '');
  const report = await preflight([task('workspace', 'builtin:workspace', { tries: 2 }), task('never', 'true')]);
  expect(report).toMatchObject({
    ok: false,
    tasks: [{ outcome: 'failed', tries: 2, detail: 'not clean: left-behind' }],
  });
  expect(report.tasks.length).toBe(1);
  // It is heard again and again, and does not pull when that would be due.
  let beats = 0;
  bench.server.swallow = (word) => {
    if (word.type === 'heartbeat') beats += 1;
    return false;
  };
  await agent.pass(30_000);
  await bench.server.until('more of it', () => beats > 2);
  expect(bench.server.words.some((word) => word.type === 'pull')).toBe(false);
});

test("the server's own outage fails no check that needs it, nor uses up a try", async () => {
  const { server } = bench;
  const wait = task('wait', 'touch waits; until [ -e go ]; do sleep 0.05; done; rm waits go');
  server.preflight = [wait, task('network', 'builtin:network'), task('clock', 'builtin:clock')];
  agent = bench.startAgent();
  await server.until('the tasks have begun', () => existsSync(join(bench.workspace, 'waits')));
  await server.stop();
  writeFileSync(join(bench.workspace, 'go'), '');
  await server.until('the check that needs the server', () => !existsSync(join(bench.workspace, 'waits')));
  await agent.pass(3_000);
  await server.start();
  await server.until('a report', () => server.words.some((word) => word.type === 'preflight'));
  const report = server.words.find((word) => word.type === 'preflight')!;
  expect(report.tasks.map(({ name, outcome, tries }) => [name, outcome, tries])).toEqual([
    ['wait', 'ok', 1],
    ['network', 'ok', 1],
    ['clock', 'ok', 1],
  ]);
});

test('a server that is there and does not answer the check fails it', async () => {
  bench.server.http.cuts_all = true;
  const report = await preflight([task('network', 'builtin:network', { tries: 2 })]);
  expect(report).toMatchObject({ ok: false, tasks: [{ name: 'network', outcome: 'failed', tries: 2 }] });
  expect(report.tasks[0]!.detail).toContain('the server was not reached: ');
});

test('exit codes: 0 ok, 2 halt, 3 stopped, others tried again; the failed task alone', async () => {
  const again = 'echo x >> "$HOME/tries"; echo "try $(wc -l < "$HOME/tries")"; test $(wc -l < "$HOME/tries") -ge 3';
  const report = await preflight([
    task('again', again, { tries: 5 }),
    task('stop', 'echo enough >&2; exit 3'),
    task('never', 'true'),
  ]);
  expect(report.ok).toBe(false);
  expect(report.tasks).toMatchObject([
    { name: 'again', outcome: 'ok', tries: 3, detail: 'try 3' },
    { name: 'stop', outcome: 'stopped', tries: 1, detail: 'enough' },
  ]);
});

test('halt, and a task that hangs with its children', async () => {
  const hang = 'trap "" TERM; sleep 100 & echo $! > "$HOME/child"; wait; sleep 100';
  bench.server.preflight = [task('hang', hang, { timeout_ms: 15_000 })];
  agent = bench.startAgent();
  const pid = (): string => readFileSync(join(bench.workspace, 'child'), 'utf8');
  await bench.server.until('its child', () => existsSync(join(bench.workspace, 'child')) && pid() !== '');
  await agent.pass(15_000);
  const report = await reported();
  expect(report.tasks).toMatchObject([{ outcome: 'failed', detail: 'took longer than 15.0 s' }]);
  const child = Number(pid());
  expect(existsSync(`/proc/${child}`) && !/\) Z/.test(readFileSync(`/proc/${child}/stat`, 'utf8'))).toBe(false);
});

test('exit code 2 halts at once, whatever tries are left', async () => {
  const report = await preflight([task('halt', 'echo "disk is dying"; exit 2', { tries: 5 })]);
  expect(report.tasks).toMatchObject([{ outcome: 'halt', tries: 1, detail: 'disk is dying' }]);
});

test('the secret is kept where only the agent reads it, and a restarted agent comes back with it', async () => {
  agent = bench.startAgent();
  await bench.server.until('connected', () => bench.server.words.some((word) => word.type === 'preflight'));
  const file = join(bench.directory, 'state', 'state.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  agent.child.kill('SIGKILL');
  await agent.exited;
  bench.startAgent();
  await bench.server.until(
    'a second hello',
    () => bench.server.words.filter((word) => word.type === 'hello').length === 2,
  );
  expect(bench.server.words.findLast((word) => word.type === 'hello')).toMatchObject({
    preflight_done: true,
    runs: [],
  });
});

test('a ready node and a held one outlive an outage of the server that ends a payload, and are there when it is back', async () => {
  const { server } = bench;
  agent = bench.startAgent({ cut_off_ms: 10_000 });
  const outage = async (): Promise<void> => {
    await server.stop();
    await agent.pass(15_000);
    expect(agent.child.exitCode).toBe(null);
    await server.start();
    await server.until('connected again', () => server.isConnected());
  };
  await server.until('connected', () => server.words.some((word) => word.type === 'pull'));
  await outage();
  server.assign(assignment({ steps: [step('echo evidence > file; exit 1')] }));
  await server.until('the run has ended', () => server.run?.outcome != null);
  await outage();
  server.say({ type: 'shell_open', shell_id: 'one', rows: 0, columns: 0, command: 'cat file' });
  await server.until('the evidence', () => server.printed('one').toString() === 'evidence\n');
});

test.each(['idle', 'used'])('an agent that is %s ends by itself when the server stays away for good', async (phase) => {
  const { server } = bench;
  agent = bench.startAgent({ cut_off_ms: 10_000, abandoned_ms: 15_000 });
  await server.until('connected', () => server.words.some((word) => word.type === 'pull'));
  if (phase === 'used') {
    server.assign(assignment({ steps: [step('true')] }));
    await server.until('the run has ended', () => server.run?.outcome != null);
  }
  await server.stop();
  await server.until('it has noticed', () => agent.stderr().includes('no connection to the server'));
  await agent.pass(15_000);
  expect((await agent.exited).code).toBe(0);
  expect(agent.stderr()).toContain('the server could not be reached for 15.0 s');
  // An outage of weeks must not fill the node's disk with it.
  expect(agent.stderr().match(/no connection to the server/g)!.length).toBeLessThan(5);
});

test('an agent whose secret the server refuses ends at once, whatever it has done', async () => {
  const { server } = bench;
  agent = bench.startAgent();
  await server.until('connected', () => server.words.some((word) => word.type === 'pull'));
  server.assign(assignment({ steps: [step('true')] }));
  await server.until('the run has ended', () => server.run?.outcome != null);
  server.session_secret = 'another';
  server.cut();
  expect((await agent.exited).code).toBe(1);
  expect(agent.stderr()).toContain('GC1901');
});

test('a server that takes the connection and says nothing is dialled again', async () => {
  const { server } = bench;
  bench.startAgent({ silence_ms: 300 });
  await server.until('connected', () => server.words.some((word) => word.type === 'pull'));
  // On a busy machine it may have dialled again already.
  const silent = server.connections + 1;
  server.loses = (word) => word.type === 'welcome' && server.connections === silent;
  server.cut();
  await server.until('another connection', () => server.connections > silent && server.isConnected());
});

test('retired: a clean exit', async () => {
  agent = bench.startAgent();
  await bench.server.until('connected', () => bench.server.words.some((word) => word.type === 'pull'));
  bench.server.say({ type: 'retire', reason: 'enough' });
  expect((await agent.exited).code).toBe(0);
  expect(agent.stderr()).toContain('retired: enough');
});

test("a shell with a terminal, a command with its exit code, several at once, in the run's directory", async () => {
  const { server } = bench;
  bench.startAgent();
  await server.until('connected', () => server.words.some((word) => word.type === 'pull'));
  server.assign(assignment({ env: { COLOUR: 'blue' }, steps: [step('echo evidence > file; exit 1')] }));
  await server.until('the run has ended', () => server.run?.outcome != null);
  const input = (shell_id: string, text: string): void =>
    server.say({ type: 'shell_input', shell_id, data_base64: Buffer.from(text).toString('base64') });
  server.say({ type: 'shell_open', shell_id: 'one', rows: 33, columns: 111, command: null });
  server.say({
    type: 'shell_open',
    shell_id: 'two',
    rows: 0,
    columns: 0,
    command: 'cat file; printf "\\000\\377"; pwd >&2; read word; echo "$word $COLOUR"; exit 9',
  });
  // Its two streams come each in its own order: what is printed last waits until the other was heard.
  await server.until('its errors', () => server.printed('two').includes(`${bench.workspace}/widget\n`));
  input('two', 'hello\n');
  await server.until('the command has ended', () => server.shell.ends.has('two'));
  expect(server.shell.ends.get('two')).toBe(9);
  const out = server.printed('two');
  expect(out.includes(Buffer.concat([Buffer.from('evidence\n'), Buffer.from([0, 255])]))).toBe(true);
  expect(out.subarray(-11).toString()).toBe('hello blue\n');
  input('one', 'stty size; echo "a""b"; tty\n');
  await server.until('the terminal answers', () =>
    /33 111\r\n.*ab\r\n.*\/dev\/pts\/\d+/s.test(server.printed('one').toString()),
  );
  // Echoed, as a person expects.
  expect(server.printed('one').toString()).toContain('echo "a""b"');
  // What only tells where it begins is not handed on.
  input('one', 'echo "left: $(env | grep -cE "^GROUNDCREW_(ROWS|COLUMNS|DIRECTORY)=")"\n');
  await server.until('a look at its variables', () => /left: \d/.test(server.printed('one').toString()));
  expect(/left: \d/.exec(server.printed('one').toString())?.[0]).toBe('left: 0');
  input('one', 'exit 4\n');
  await server.until('the shell has ended', () => server.shell.ends.has('one'));
  expect(server.shell.ends.get('one')).toBe(4);
});

test('input counts as taken when the shell has it, not while it waits in memory', async () => {
  const { server } = bench;
  bench.startAgent();
  await server.until('connected', () => server.words.some((word) => word.type === 'pull'));
  const say = (shell_id: string, data: Buffer): void =>
    server.say({ type: 'shell_input', shell_id, data_base64: data.toString('base64') });
  const open = (shell_id: string, command: string): void =>
    server.say({ type: 'shell_open', shell_id, rows: 0, columns: 0, command });
  open('one', 'until [ -e go ]; do sleep 0.05; done; wc -c');
  for (let piece = 0; piece < 64; piece++) say('one', Buffer.alloc(2 ** 16, 'x'));
  open('two', 'echo all of it came');
  await server.until('every piece has come', () => server.printed('two').includes('all of it came'));
  expect(server.shell.taken_bytes).toBeLessThan(2 ** 21);
  open('three', 'touch go');
  await server.until('the shell has taken it', () => server.shell.taken_bytes === 2 ** 22);
  say('one', Buffer.alloc(0));
  await server.until('the count', () => server.printed('one').includes(String(2 ** 22)));
});

test('a shell that is closed leaves no process, and one of a node in use outlives the run', async () => {
  const { server } = bench;
  bench.startAgent();
  await server.until('connected', () => server.words.some((word) => word.type === 'pull'));
  server.say({ type: 'shell_open', shell_id: 'one', rows: 24, columns: 80, command: 'echo $$; exec sleep 100' });
  await server.until('its pid', () => /^\d+\n/.test(server.printed('one').toString()));
  const pid = Number(server.printed('one').toString());
  server.assign(assignment({ steps: [step('true')] }));
  await server.until('the run has ended', () => server.run?.outcome != null);
  expect(existsSync(`/proc/${pid}`)).toBe(true);
  server.say({ type: 'shell_close', shell_id: 'one' });
  await server.until(
    'it is gone',
    () => !existsSync(`/proc/${pid}`) || / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')),
  );
});
