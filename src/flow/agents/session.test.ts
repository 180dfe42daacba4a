import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isError } from '../../base/errors/error.ts';
import type { RunId } from '../../base/ids.ts';
import type { AgentMessage } from '../../protocol/agent.ts';
import { tickAlive } from '../../store/alive-clock.ts';
import { openOwnConnections } from '../../store/connect.ts';
import { cancelRun } from '../finish/cancel.ts';
import { deleteNode } from '../finish/hold.ts';
import { submit } from '../submit/submit.ts';
import {
  allocate,
  change,
  FACTS,
  insertNode,
  nodeState,
  outcome,
  plannedJob,
  readyAgent,
  runningAgent,
  runRow,
  SUBMIT,
  submissionPlan,
  TestAgent,
  type TestFlow,
  testFlow,
} from '../testing/runs.ts';
import { acknowledge } from './dispatch.ts';

let flow: TestFlow;
beforeEach(async () => {
  flow = await testFlow();
});
afterEach(() => flow.close());

const submitOne = async () => (await submit(flow, submissionPlan(), SUBMIT)).runs[0]!;

describe('letting an agent in', () => {
  const refused = async (bearer: string) =>
    await expect(TestAgent.connect(flow, bearer)).rejects.toSatisfy((error) => isError(error, 'GC1901'));

  it('spends a token once, and takes the session secret afterwards', async () => {
    const { node_id, token } = await insertNode(flow);
    const agent = await TestAgent.connect(flow, token);
    expect(agent.node_id).toBe(node_id);
    const secret = (await agent.hello(null, false)) as string;
    await agent.say({ type: 'heartbeat' });
    await refused(token);
    await refused('nonsense');
    expect((await TestAgent.connect(flow, secret)).node_id).toBe(node_id);
  });

  it('whose first word is not hello ends it', async () => {
    const agent = await TestAgent.connect(flow, (await insertNode(flow)).token);
    await agent.say({ type: 'pull' });
    expect(agent.ended).toContain('hello');
  });

  it('gives another secret for the token while no word shows that the first one came', async () => {
    const { node_id, token } = await insertNode(flow);
    const deadline = async () => {
      const row = flow.connection.db.selectFrom('nodes').select(['deadline', 'state']).where('id', '=', node_id);
      return await row.executeTakeFirstOrThrow();
    };
    const first = await TestAgent.connect(flow, token);
    const before = await deadline();
    const second = await TestAgent.connect(flow, token);
    const lost = (await second.hello(null, false)) as string;
    const third = await TestAgent.connect(flow, token);
    expect(await deadline()).toEqual(before);
    await refused(lost);
    const secret = (await third.hello(null, false)) as string;
    await second.say({ type: 'heartbeat' });
    expect(second.ended).toContain('newer connection');
    await third.say({ type: 'preflight', ok: true, tasks: [] });
    expect(await nodeState(flow, node_id)).toBe('ready');
    await refused(token);
    expect((await TestAgent.connect(flow, secret)).node_id).toBe(first.node_id);
  });

  it('takes the token no more once the agent came back with the secret', async () => {
    const { token } = await insertNode(flow);
    const secret = (await (await TestAgent.connect(flow, token)).hello(null, false)) as string;
    await TestAgent.connect(flow, secret);
    await refused(token);
  });

  it('welcomes with the node type of the configuration, and makes the node ready when its checks pass', async () => {
    const { node_id, token } = await insertNode(flow);
    const agent = await TestAgent.connect(flow, token);
    const secret = await agent.hello(null, false);
    expect(agent.all('welcome')[0]).toMatchObject({ node_id, epoch: 1, env: { CI: 'true' }, preflight: [] });
    const tasks = [{ name: 'disk', outcome: 'ok' as const, tries: 1, duration_ms: 3, detail: '81 % free' }];
    await agent.say({ type: 'preflight', ok: true, tasks });
    expect(await nodeState(flow, node_id)).toBe('ready');
    const back = await TestAgent.connect(flow, secret as string);
    await back.hello();
    expect(back.all('welcome')[0]).toMatchObject({ epoch: 2, session_secret: null });
    await back.say({ type: 'preflight', ok: true, tasks });
    expect(await nodeState(flow, node_id)).toBe('ready');
  });

  it('never makes a node ready whose type it does not know; one that was checked before goes on', async () => {
    const { node_id, token } = await insertNode(flow);
    const stranger = { ...flow, config: () => ({ ...flow.config(), providers: {} }) };
    const agent = await TestAgent.connect(stranger, token);
    await agent.hello(null, false);
    expect(agent.ended).toBe("this server's configuration has no node type jammy of local");
    await agent.say({ type: 'preflight', ok: true, tasks: [] });
    expect([agent.heard, await nodeState(flow, node_id)]).toEqual([[], 'checking']);
    const { secret } = await readyAgent(flow);
    const checked = await TestAgent.connect(stranger, secret);
    await checked.hello();
    expect([checked.ended, checked.all('welcome').length]).toEqual([null, 1]);
  });

  it('sends a node away whose checks fail, with the reason', async () => {
    const { node_id, token } = await insertNode(flow);
    const agent = await TestAgent.connect(flow, token);
    await agent.hello(null, false);
    const tasks = [{ name: 'network', outcome: 'halt' as const, tries: 3, duration_ms: 9, detail: 'no route' }];
    await agent.say({ type: 'preflight', ok: false, tasks });
    expect(await nodeState(flow, node_id)).toBe('deleting');
    await agent.next('retire');
    const node = await flow.connection.db.selectFrom('nodes').selectAll().executeTakeFirstOrThrow();
    expect(node.end_reason).toContain('no route');
  });

  it('refuses what is not in the protocol', async () => {
    const { agent } = await readyAgent(flow);
    const words = [
      { type: 'dance' },
      { type: 'log', run_id: 1, fence: 1, offset: -1, data_base64: '' },
      { type: 'finish', run_id: 1, fence: 1, outcome: { ...outcome(), state: 'splendid' } },
      { type: 'step', run_id: '1', fence: 1 },
    ];
    for (const word of words) {
      const said = agent.say(word as unknown as AgentMessage);
      await expect(said, word.type).rejects.toSatisfy((error) => isError(error, 'GC1646'));
    }
    await agent.say({ type: 'pull' });
    expect(await agent.next('assignment')).toEqual({ type: 'assignment', assignment: null });
  });
});

describe('a run on its node', () => {
  it('is pushed, pulled, acknowledged, and both are running', async () => {
    const run_id = await submitOne();
    const { agent } = await readyAgent(flow);
    await allocate(flow);
    const { assignment } = await agent.next('assignment');
    expect(assignment).toMatchObject({ run_id, fence: 1, spec: { job: 'test' } });
    await agent.say({ type: 'pull' });
    expect((await agent.next('assignment')).assignment).toEqual(assignment);
    await agent.say({ type: 'acknowledge', run_id, fence: 1 });
    expect(await agent.next('log_ack')).toEqual({ type: 'log_ack', run_id, fence: 1, offset: 0 });
    expect([(await runRow(flow, run_id)).state, await nodeState(flow, agent.node_id)]).toEqual(['running', 'running']);
    await agent.say({ type: 'acknowledge', run_id, fence: 1 });
    await agent.next('log_ack');
    await agent.say({ type: 'pull' });
    expect((await agent.next('assignment')).assignment).toBeNull();
  });

  it('takes one pooled connection to be acknowledged, and one to be acknowledged again', async () => {
    await submitOne();
    const { agent, run_id, fence } = await runningAgent(flow);
    const own = openOwnConnections(flow.connection, 'one', 1);
    try {
      const services = { ...flow, connection: { ...flow.connection, db: own.db } };
      const at = { run_id, fence, node_id: agent.node_id, epoch: 1 };
      expect(await acknowledge(services, at)).toBe(true);
      expect(await acknowledge(services, { ...at, fence: fence + 1 })).toBe(false);
    } finally {
      await own.close();
    }
  });

  it('goes on over a restart of the server: new connections, the same run', async () => {
    await submitOne();
    const { agent, secret, run_id, fence } = await runningAgent(flow);
    await agent.say({ type: 'log', run_id, fence, offset: 0, data_base64: btoa('one ') });
    agent.session.closed();
    await agent.say({ type: 'log', run_id, fence, offset: 4, data_base64: btoa('lost') });
    const back = await TestAgent.connect(flow, secret);
    await back.hello({ run_id, fence });
    expect(await back.next('log_ack')).toMatchObject({ offset: 4 });
    await back.say({ type: 'log', run_id, fence, offset: 4, data_base64: btoa('two') });
    expect(await back.next('log_ack')).toMatchObject({ offset: 7 });
    await back.say({ type: 'finish', run_id, fence, outcome: outcome() });
    await back.next('finish_ack');
    expect(await runRow(flow, run_id)).toMatchObject({ state: 'finishing', fence, attempt: 1 });
    const again = await TestAgent.connect(flow, secret);
    await again.hello({ run_id, fence });
    await again.next('finish_ack');
  });

  it('hears one connection of an agent: the newer makes the older one void, for every word', async () => {
    await submitOne();
    const { agent, secret, run_id, fence } = await runningAgent(flow);
    const newer = await TestAgent.connect(flow, secret);
    await newer.hello({ run_id, fence });
    const step = { ordinal: 0, name: 'x', state: 'running', exit_code: null, signal: null } as const;
    const words: AgentMessage[] = [
      { type: 'heartbeat' },
      { type: 'log', run_id, fence, offset: 0, data_base64: btoa('old') },
      { type: 'step', run_id, fence, step: { ...step, started_ms: 1, finished_ms: null, log_offset: 0 } },
      { type: 'finish', run_id, fence, outcome: outcome() },
      { type: 'pull' },
    ];
    for (const word of words) {
      const older = await TestAgent.connect(flow, secret);
      await older.hello({ run_id, fence });
      await (await TestAgent.connect(flow, secret)).hello({ run_id, fence });
      older.heard.length = 0;
      await older.say(word);
      expect(older.ended, word.type).toContain('newer connection');
      expect(older.heard).toEqual([]);
    }
    await agent.say({ type: 'acknowledge', run_id, fence });
    expect(await runRow(flow, run_id)).toMatchObject({ state: 'running', outcome: null });
    expect(await flow.connection.db.selectFrom('run_steps').selectAll().execute()).toEqual([]);
    expect(await flow.connection.db.selectFrom('log_chunks').selectAll().execute()).toEqual([]);
  });

  it('refuses every word with a fence that is not current', async () => {
    await submitOne();
    const { agent, run_id, fence } = await runningAgent(flow);
    for (const wrong of [fence - 1, fence + 1]) {
      const step = { ordinal: 0, name: 'x', state: 'running', exit_code: null, signal: null } as const;
      const words: AgentMessage[] = [
        { type: 'acknowledge', run_id, fence: wrong },
        { type: 'log', run_id, fence: wrong, offset: 0, data_base64: btoa('late') },
        { type: 'step', run_id, fence: wrong, step: { ...step, started_ms: 1, finished_ms: null, log_offset: 0 } },
        { type: 'finish', run_id, fence: wrong, outcome: outcome() },
      ];
      for (const word of words) {
        await agent.say(word);
        expect(agent.heard, word.type).toEqual([{ type: 'stale', run_id, fence: wrong }]);
        agent.heard.length = 0;
      }
    }
    expect(await runRow(flow, run_id)).toMatchObject({ state: 'running', outcome: null });
  });

  it('is nobody else`s: another agent cannot speak about it', async () => {
    await submitOne();
    const { run_id, fence } = await runningAgent(flow);
    const { agent: other } = await readyAgent(flow);
    await other.say({ type: 'finish', run_id, fence, outcome: outcome('infra') });
    await other.next('stale');
    const { token } = await insertNode(flow);
    const third = await TestAgent.connect(flow, token);
    await third.hello({ run_id, fence });
    await third.next('stale');
    expect((await runRow(flow, run_id)).state).toBe('running');
  });

  it('renews its lease and its node`s by heartbeat, on the alive clock', async () => {
    await submitOne();
    const { agent, run_id } = await runningAgent(flow);
    const before = (await runRow(flow, run_id)).lease_until_alive_ms as number;
    await change(flow, 'update alive_clock set alive_ms = alive_ms + 30000');
    await agent.say({ type: 'heartbeat' });
    expect((await runRow(flow, run_id)).lease_until_alive_ms).toBe(before + 30_000);
    const node = flow.connection.db.selectFrom('nodes').select('agent_seen_alive_ms').where('id', '=', agent.node_id);
    expect((await node.executeTakeFirstOrThrow()).agent_seen_alive_ms).toBe(before - 60_000 + 30_000);
    await tickAlive(flow.connection.db);
  });

  it('keeps the last word about each step', async () => {
    await submitOne();
    const { agent, run_id, fence } = await runningAgent(flow);
    const step = { ordinal: 0, name: 'te\0st', exit_code: null, signal: null, started_ms: 1000, log_offset: 5 };
    await agent.say({ type: 'step', run_id, fence, step: { ...step, state: 'running', finished_ms: null } });
    const failed = { ...step, state: 'failed' as const, exit_code: 1, finished_ms: 2000 };
    await agent.say({ type: 'step', run_id, fence, step: failed });
    await agent.say({ type: 'step', run_id, fence, step: { ...step, state: 'running', finished_ms: null } });
    const rows = await flow.connection.db.selectFrom('run_steps').selectAll().execute();
    expect(rows).toMatchObject([{ name: 'test', state: 'failed', exit_code: 1, log_offset: 5 }]);
  });

  it('tells of a cancel at once, or with the next connection', async () => {
    await submitOne();
    const { agent, secret, run_id, fence } = await runningAgent(flow);
    await cancelRun(flow, run_id, 'maria', 'not needed');
    expect(await agent.next('cancel')).toEqual({ type: 'cancel', run_id, fence, reason: 'not needed' });
    const back = await TestAgent.connect(flow, secret);
    await back.hello({ run_id, fence });
    await back.next('cancel');
  });

  it('retires the agent when its node is deleted', async () => {
    const { agent } = await readyAgent(flow);
    await deleteNode(flow, agent.node_id, { actor: 'maria', reason: 'broken fan' });
    await agent.next('retire');
  });

  it('that its agent has lost is lost at once, and tried again when the machine is gone', async () => {
    await submitOne();
    const { agent, secret, run_id } = await runningAgent(flow);
    const back = await TestAgent.connect(flow, secret);
    await back.hello(null);
    expect(await runRow(flow, run_id)).toMatchObject({ state: 'finished', verdict: 'infra' });
    expect(await nodeState(flow, agent.node_id)).toBe('deleting');
    await back.next('retire');
    const next = await flow.connection.db.selectFrom('runs').selectAll().where('attempt', '=', 2).executeTakeFirst();
    expect(next).toMatchObject({ state: 'waiting', waits_for_node: agent.node_id });
  });
});

const hello_of_2 = {
  type: 'hello',
  version: 2,
  oldest_version: 2,
  capabilities: ['slots', 'from the future'],
} as const;

describe('an agent of this version', () => {
  it('is told of all that its node is to do, names what it works on, and loses what it does not name', async () => {
    const run_id = await submitOne();
    const { agent: old, secret } = await readyAgent(flow);
    await allocate(flow);
    await old.next('assignment');
    const agent = await TestAgent.connect(flow, secret);
    const hello = async (by: TestAgent, runs: { run_id: RunId; fence: number }[]) =>
      await by.say({ ...hello_of_2, facts: FACTS, runs, preflight_done: true });
    await hello(agent, []);
    expect(await agent.next('assignments')).toMatchObject({
      assignments: [{ run_id, fence: 1, slot: 0, spec: { job: 'test' } }],
    });
    await agent.say({ type: 'acknowledge', run_id, fence: 1 });
    await agent.next('log_ack');
    await agent.say({ type: 'pull' });
    expect(await agent.next('assignments')).toEqual({ type: 'assignments', assignments: [] });
    const again = await TestAgent.connect(flow, secret);
    // Of one that is not its own it hears so; its own goes on.
    await hello(again, [
      { run_id: 999 as RunId, fence: 1 },
      { run_id, fence: 1 },
    ]);
    expect(again.heard.map(({ type }) => type)).toEqual(['welcome', 'stale', 'log_ack']);
    expect((await runRow(flow, run_id)).state).toBe('running');
    const without = await TestAgent.connect(flow, secret);
    await hello(without, [{ run_id: 999 as RunId, fence: 1 }]);
    expect(await runRow(flow, run_id)).toMatchObject({ verdict: 'infra' });
  });

  it('that is newer than the server, or older than any it knows, is told so', async () => {
    for (const version of [0, 3]) {
      const { secret } = await readyAgent(flow);
      const agent = await TestAgent.connect(flow, secret);
      const hello = { ...hello_of_2, version, oldest_version: version } as const;
      await agent.say({ ...hello, facts: FACTS, runs: [], preflight_done: true });
      expect(agent.ended).toBe(`this server speaks versions 1 to 2 of the protocol, the agent ${version}`);
    }
  });

  it('of version 1 is heard by what that version has: fields of version 2 beside it are passed over, whatever they hold', async () => {
    const { secret } = await readyAgent(flow);
    const agent = await TestAgent.connect(flow, secret);
    const one = { type: 'hello', version: 1, facts: FACTS, run: null, preflight_done: true };
    const beside = { oldest_version: 7, capabilities: null, runs: Array(2000).fill({ run_id: 'none', fence: -1 }) };
    await agent.say({ ...one, ...beside } as unknown as AgentMessage);
    expect(agent.ended).toBeNull();
    expect(agent.heard).toMatchObject([{ type: 'welcome', version: 1, slots: 1 }]);
  });

  it('that is newer, and speaks a version of this server as well, goes on in that', async () => {
    const { secret } = await readyAgent(flow);
    const agent = await TestAgent.connect(flow, secret);
    await agent.say({ ...hello_of_2, version: 9, facts: FACTS, runs: [], preflight_done: true });
    expect(agent.all('welcome')).toMatchObject([{ version: 2, slots: 1 }]);
    expect(agent.ended).toBeNull();
  });
});

describe('an older connection', () => {
  it('without the run that its node was given since ends nothing', async () => {
    await submitOne();
    const { secret, run_id, fence } = await runningAgent(flow);
    const older = await TestAgent.connect(flow, secret);
    const newer = await TestAgent.connect(flow, secret);
    await newer.hello({ run_id, fence });
    await older.hello(null);
    expect(older.ended).toContain('newer connection');
    expect((await runRow(flow, run_id)).state).toBe('running');
  });
});

describe('shells', () => {
  it('that are opened before the agent was welcomed wait for it', async () => {
    const { token } = await insertNode(flow);
    const agent = await TestAgent.connect(flow, token);
    agent.session.openShell({
      ...{ rows: 24, columns: 80, command: 'ls' },
      onOutput: () => undefined,
      onEnd: () => undefined,
    });
    expect(agent.heard).toEqual([]);
    await agent.hello();
    expect(agent.heard.slice(0, 2).map(({ type }) => type)).toEqual(['welcome', 'shell_open']);
  });

  it('are streams on the agent`s connection, and end with it', async () => {
    await submit(flow, submissionPlan([plannedJob()]), SUBMIT);
    const { agent } = await runningAgent(flow);
    const printed: string[] = [];
    const ends: (number | null)[] = [];
    const open = () =>
      agent.session.openShell({
        ...{ rows: 24, columns: 80, command: null },
        onOutput: (data) => printed.push(data.toString()),
        onEnd: (code) => ends.push(code),
      });
    const [first, second] = [open(), open()];
    const [one, two] = agent.all('shell_open').map((word) => word.shell_id) as [string, string];
    expect(one).not.toBe(two);
    first.input(Buffer.from('ls\n'));
    expect(agent.all('shell_input')).toEqual([{ type: 'shell_input', shell_id: one, data_base64: btoa('ls\n') }]);
    expect([first.untaken_bytes(), second.untaken_bytes()]).toEqual([3, 0]);
    await agent.say({ type: 'shell_taken', shell_id: one, bytes: 2 });
    expect(first.untaken_bytes()).toBe(1);
    await agent.say({ type: 'shell_output', shell_id: one, data_base64: btoa('file') });
    await agent.say({ type: 'shell_end', shell_id: one, exit_code: 3 });
    await agent.say({ type: 'shell_output', shell_id: one, data_base64: btoa('late') });
    first.input(Buffer.from('late'));
    expect([printed, ends]).toEqual([['file'], [3]]);
    second.close();
    expect(agent.all('shell_close')).toHaveLength(1);
    open();
    agent.session.closed();
    expect(ends).toEqual([3, null]);
    expect(open).toThrow(/not connected/);
  });
});
