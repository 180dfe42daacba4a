import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dateFrom } from '../../base/clock.ts';
import { passDuring, passUntil } from '../../base/testing/pass.ts';
import { cancelRequest, refuseRequest } from '../../requests/store/life.ts';
import { stepsOfRun } from '../../runs/store/steps.ts';
import { tickAlive } from '../../store/alive-clock.ts';
import { submit } from '../submit/submit.ts';
import {
  allocate,
  change,
  nodeState,
  outcome,
  plannedJob,
  readyAgent,
  runningAgent,
  runRow,
  runRows,
  SUBMIT,
  submissionPlan,
  TestAgent,
  type TestFlow,
  testFlow,
} from '../testing/runs.ts';
import { deleteNode } from './hold.ts';
import { reapDue, startReaper } from './reap.ts';

let flow: TestFlow;
beforeEach(async () => {
  flow = await testFlow();
});
afterEach(() => flow.close());

const submitOne = async (retries = 1) =>
  (await submit(flow, submissionPlan([plannedJob({ retries })]), SUBMIT)).runs[0]!;
const attempt = async (number: number) => await runRows(flow).where('attempt', '=', number).executeTakeFirst();

describe('a lost agent', () => {
  it('loses its run when it was silent for its lease of alive time, and not because we were away', async () => {
    const run_id = await submitOne();
    const { agent } = await runningAgent(flow);
    // An outage of ours: an hour passes, of which one tick counts.
    await change(flow, `update alive_clock set ticked_at = groundcrew_now() - interval '1 hour'`);
    await tickAlive(flow.connection.db);
    expect(await reapDue(flow)).toBe(0);
    await change(flow, 'update alive_clock set alive_ms = alive_ms + 61000');
    expect(await reapDue(flow)).toBe(1);
    const reason = `its node ${agent.node_id} was not heard of for 1 min`;
    expect(await runRow(flow, run_id)).toMatchObject({ verdict: 'infra', reason });
    expect(await nodeState(flow, agent.node_id)).toBe('deleting');
  });

  it('ends the steps that still run together with their run, and the run when it was last heard of', async () => {
    const run_id = await submitOne();
    const { agent, fence } = await runningAgent(flow);
    await change(flow, `update runs set started_at = groundcrew_now() - interval '90 s'`);
    const at = { exit_code: null, signal: null, log_offset: 0, started_ms: flow.clock.now_ms() - 80_000 };
    const checked = { ordinal: 0, name: 'check', ...at, exit_code: 0, finished_ms: at.started_ms + 1000 };
    const tested = { ordinal: 1, name: 'test', ...at, finished_ms: null };
    await agent.say({ type: 'step', run_id, fence, step: { ...checked, state: 'passed' } });
    await agent.say({ type: 'step', run_id, fence, step: { ...tested, state: 'running' } });
    await change(flow, 'update alive_clock set alive_ms = alive_ms + 61000');
    await reapDue(flow);
    const run = await runRow(flow, run_id);
    const silent_ms = (run.finished_at?.getTime() ?? 0) - (run.ended_at?.getTime() ?? 0);
    expect(Math.round(silent_ms / 1000)).toBe(61);
    const steps = await stepsOfRun(flow.connection.db, run_id);
    expect(steps[0]).toMatchObject({ state: 'passed', exit_code: 0, finished_at: dateFrom(checked.finished_ms) });
    expect(steps[1]).toMatchObject({ state: 'cancelled', exit_code: null, finished_at: run.ended_at });
    await agent.say({ type: 'step', run_id, fence, step: { ...tested, ordinal: 2, state: 'running' } });
    expect(await stepsOfRun(flow.connection.db, run_id)).toHaveLength(2);
    const node = flow.connection.db.selectFrom('nodes').select('end_reason').where('id', '=', agent.node_id);
    const { end_reason } = await node.executeTakeFirstOrThrow();
    expect(end_reason).toBe(`run ${run_id} ended: infra: its node ${agent.node_id} was not heard of for 1 min`);
  });

  it('has its run tried again on another node only when the first is gone', async () => {
    await submitOne();
    const { agent, run_id, fence } = await runningAgent(flow);
    await readyAgent(flow);
    await change(flow, 'update alive_clock set alive_ms = alive_ms + 61000');
    await reapDue(flow);
    expect(await attempt(2)).toMatchObject({ state: 'waiting', waits_for_node: agent.node_id, request_id: null });
    expect(await reapDue(flow)).toBe(0);
    agent.heard.length = 0;
    await agent.say({ type: 'finish', run_id, fence, outcome: outcome() });
    await agent.next('stale');
    await change(flow, `update nodes set state = 'deleted' where id = '${agent.node_id}'`);
    expect(await reapDue(flow)).toBe(1);
    expect(await attempt(2)).toMatchObject({ state: 'queued', waits_for_node: null });
    await readyAgent(flow);
    await allocate(flow);
    const second = await attempt(2);
    expect(second).toMatchObject({ state: 'assigned' });
    expect(second?.node_id).not.toBe(agent.node_id);
  });

  it('has its run tried again at the latest when it must have given up', async () => {
    await submitOne();
    await runningAgent(flow);
    await change(flow, 'update alive_clock set alive_ms = alive_ms + 61000');
    await reapDue(flow);
    const wait_ms = ((await attempt(2))?.waits_until?.getTime() ?? 0) - flow.clock.now_ms();
    expect(wait_ms).toBeGreaterThan(600_000);
    await change(flow, `update runs set waits_until = groundcrew_now() - interval '1 s' where attempt = 2`);
    expect(await reapDue(flow)).toBe(1);
    expect((await attempt(2))?.state).toBe('queued');
  });

  it('is lost for good when the job has no retries left', async () => {
    await submitOne(0);
    await runningAgent(flow);
    await change(flow, 'update alive_clock set alive_ms = alive_ms + 61000');
    await reapDue(flow);
    expect(await attempt(2)).toBeUndefined();
    const build = await flow.connection.db.selectFrom('builds').select('finished_at').executeTakeFirstOrThrow();
    expect(build.finished_at).not.toBeNull();
  });
});

describe('an assignment', () => {
  it('that nobody acknowledges goes to another node; the late word is refused', async () => {
    const run_id = await submitOne();
    const { agent, secret } = await readyAgent(flow);
    await allocate(flow);
    await agent.next('assignment');
    expect(await reapDue(flow)).toBe(0);
    await change(flow, `update assignments set acknowledge_by_alive_ms = -1`);
    expect(await reapDue(flow)).toBe(1);
    expect(await runRow(flow, run_id)).toMatchObject({
      state: 'queued',
      node_id: null,
      fence: 2,
      handouts: 1,
      attempt: 1,
    });
    expect(await nodeState(flow, agent.node_id)).toBe('deleting');
    await agent.say({ type: 'acknowledge', run_id, fence: 1 });
    await agent.next('stale');
    await expect(TestAgent.connect(flow, secret)).rejects.toThrow();
    const { fence } = await runningAgent(flow);
    expect(fence).toBe(3);
  });

  it('is handed out three times at most; then the run counts as infra', async () => {
    await submitOne(0);
    for (let handout = 0; handout < 3; handout++) {
      await readyAgent(flow);
      await allocate(flow);
      await change(flow, `update assignments set acknowledge_by_alive_ms = -1`);
      expect(await reapDue(flow)).toBe(1);
    }
    expect(await attempt(1)).toMatchObject({ state: 'finished', verdict: 'infra', handouts: 3 });
    const states = await flow.connection.db.selectFrom('nodes').select('state').execute();
    expect(states.map(({ state }) => state)).toEqual(['deleting', 'deleting', 'deleting']);
  });

  it('whose node is deleted under it goes back to the queue', async () => {
    const run_id = await submitOne();
    const { agent } = await readyAgent(flow);
    await allocate(flow);
    await deleteNode(flow, agent.node_id, { actor: 'tom', reason: 'needed the room' });
    expect(await reapDue(flow)).toBe(1);
    expect(await runRow(flow, run_id)).toMatchObject({ state: 'queued', fence: 2 });
  });

  it('is acknowledged or taken back, never both', async () => {
    for (let round = 0; round < 10; round++) {
      await submit(flow, submissionPlan([plannedJob()], `race ${round}`), SUBMIT);
      const { agent } = await readyAgent(flow);
      await allocate(flow);
      const { assignment } = await agent.next('assignment');
      const { run_id, fence } = assignment!;
      await change(flow, `update assignments set acknowledge_by_alive_ms = -1 where subject = ${run_id}`);
      await Promise.all([agent.say({ type: 'acknowledge', run_id, fence }), reapDue(flow)]);
      const run = await runRow(flow, run_id);
      const node = await nodeState(flow, agent.node_id);
      const told = agent.heard.map((word) => word.type).filter((type) => type === 'log_ack' || type === 'stale');
      if (run.state === 'running') expect([node, told]).toEqual(['running', ['log_ack']]);
      else expect([run.state, run.fence, node, told[0]]).toEqual(['queued', fence + 1, 'deleting', 'stale']);
      await change(flow, `update requests set state = 'cancelled' where state = 'waiting'`);
      await reapDue(flow);
    }
  });
});

describe('overdue runs', () => {
  it('end with their node when it is deleted by hand', async () => {
    const run_id = await submitOne();
    const { agent } = await runningAgent(flow);
    await deleteNode(flow, agent.node_id, { actor: 'tom', reason: 'needed the room' });
    await reapDue(flow);
    const reason = `its node ${agent.node_id} was lost: needed the room`;
    expect(await runRow(flow, run_id)).toMatchObject({ verdict: 'infra', reason });
  });

  it('time out on the server when the agent does not end them', async () => {
    const run_id = await submitOne();
    const { agent, fence } = await runningAgent(flow);
    const step = { ordinal: 0, name: 'test', state: 'running', exit_code: null, signal: null } as const;
    const times = { started_ms: flow.clock.now_ms(), finished_ms: null, log_offset: 0 };
    await agent.say({ type: 'step', run_id, fence, step: { ...step, ...times } });
    await change(flow, `update alive_clock set alive_ms = alive_ms + 120000 + 301000`);
    await agent.say({ type: 'heartbeat' });
    expect(await reapDue(flow)).toBe(1);
    expect(await runRow(flow, run_id)).toMatchObject({ verdict: 'timeout' });
    expect(await stepsOfRun(flow.connection.db, run_id)).toMatchObject([{ state: 'timeout' }]);
    expect(await attempt(2)).toBeUndefined();
  });

  it('end with their request: refused for good as infra, cancelled as cancelled', async () => {
    const jobs = [
      plannedJob({ name: 'a', retries: 2 }),
      plannedJob({ name: 'b' }),
      plannedJob({ name: 'c', after: ['a'] }),
    ];
    const { runs } = await submit(flow, submissionPlan(jobs), SUBMIT);
    const [first, second, third] = await Promise.all(runs.map((run) => runRow(flow, run)));
    const { db } = flow.connection;
    await db.transaction().execute((tx) => refuseRequest(tx, first!.request_id!, 'no node type carries jammy'));
    await cancelRequest(db, second!.request_id!, 'tom did not want it');
    expect(await reapDue(flow)).toBe(2);
    const reason = 'no node can run it: no node type carries jammy';
    expect(await runRow(flow, first!.id)).toMatchObject({ verdict: 'infra', reason });
    expect(await runRow(flow, second!.id)).toMatchObject({ verdict: 'cancelled' });
    const skipped = { verdict: 'skipped', reason: `it comes after jammy a, which never ran: ${reason}` };
    expect(await runRow(flow, third!.id)).toMatchObject(skipped);
    expect(await attempt(2)).toBeUndefined();
  });

  it('are looked at by one process at a time, and by the next when it stops', async () => {
    const run_id = await submitOne();
    const first = startReaper(flow);
    const second = startReaper(flow);
    try {
      await runningAgent(flow);
      await change(flow, 'update alive_clock set alive_ms = alive_ms + 61000');
      await passUntil(flow.clock, async () => (await runRow(flow, run_id)).state === 'finished', 'the loss is noticed');
      await passDuring(flow.clock, first.stop());
      await change(flow, `update runs set waits_until = groundcrew_now() - interval '1 s' where attempt = 2`);
      await passUntil(flow.clock, async () => (await attempt(2))?.state === 'queued', 'the second one goes on');
    } finally {
      await passDuring(flow.clock, first.stop());
      await passDuring(flow.clock, second.stop());
    }
  });
});
