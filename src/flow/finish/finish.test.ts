import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isError } from '../../base/errors/error.ts';
import type { RunId } from '../../base/ids.ts';
import { freeLapsedItems } from '../../queue/store/items.ts';
import { submit } from '../submit/submit.ts';
import {
  allocate,
  change,
  claim,
  kindNamed,
  nodeState,
  outcome,
  plannedJob,
  readyAgent,
  runningAgent,
  runRow,
  SUBMIT,
  submissionPlan,
  type TestFlow,
  testFlow,
  workOff,
  workOne,
} from '../testing/runs.ts';
import { workKinds } from '../work/all.ts';
import { cancelRun, cancelSubmission } from './cancel.ts';
import { reapDue } from './reap.ts';

let flow: TestFlow;
beforeEach(async () => {
  flow = await testFlow([{ on: 'failure', project: 'acme/*', for_ms: 60_000, at_most: 1 }]);
});
afterEach(() => flow.close());

const work = () => workOff(flow, workKinds(flow));
const holds = () => flow.connection.db.selectFrom('holds').selectAll().execute();
const buildFinished = async () => {
  const { rows } = await sql<{ finished: boolean }>`
    select finished_at is not null as finished from builds order by id desc limit 1`.execute(flow.connection.db);
  return rows[0]?.finished;
};
const end = async (state: Parameters<typeof outcome>[0], reason?: string) => {
  const running = await runningAgent(flow);
  const { run_id, fence } = running;
  await running.agent.say({ type: 'finish', run_id, fence, outcome: outcome(state, reason) });
  await running.agent.next('finish_ack');
  return running;
};

describe('the end of a run', () => {
  it('commits verdict, node, build and log archive together', async () => {
    await submit(flow, submissionPlan(), SUBMIT);
    const { agent, run_id } = await end('passed');
    expect(await nodeState(flow, agent.node_id)).toBe('running');
    expect(await buildFinished()).toBe(false);
    expect(await work()).toEqual(['ingest-run', 'archive-log']);
    expect(await runRow(flow, run_id)).toMatchObject({ state: 'finished', verdict: 'passed', results_pending: false });
    expect(await nodeState(flow, agent.node_id)).toBe('deleting');
    expect(await buildFinished()).toBe(true);
    await agent.next('retire');
  });

  it('keeps the node of a failed run, by the configured rule and within its budget', async () => {
    await submit(flow, submissionPlan([plannedJob({ name: 'a' }), plannedJob({ name: 'b' })]), SUBMIT);
    const first = await end('failed', 'step "test" exited 1');
    await work();
    const second = await end('failed', 'step "test" exited 1');
    await work();
    expect(await nodeState(flow, first.agent.node_id)).toBe('held');
    expect(await nodeState(flow, second.agent.node_id)).toBe('deleting');
    const reason = `run ${first.run_id} failed: step "test" exited 1`;
    expect(await holds()).toMatchObject([{ run_id: first.run_id, owner: 'maria', reason, released_at: null }]);
  });

  it('keeps the node by the job`s own rule', async () => {
    const hold = { owner: 'tom', duration_ms: 5000, keys: [] };
    await submit(flow, submissionPlan([plannedJob({ hold })]), SUBMIT);
    const { agent } = await end('timeout', 'step "test" ran longer than 1 s');
    await work();
    expect(await nodeState(flow, agent.node_id)).toBe('held');
    expect(await holds()).toMatchObject([{ owner: 'tom', rule: null }]);
  });

  it('is the same when it is said twice, and when it is read twice', async () => {
    await submit(flow, submissionPlan(), SUBMIT);
    const { agent, run_id, fence } = await end('failed');
    await agent.say({ type: 'finish', run_id, fence, outcome: outcome('passed') });
    await agent.next('finish_ack');
    await work();
    await agent.say({ type: 'finish', run_id, fence, outcome: outcome('passed') });
    await agent.next('finish_ack');
    expect(await runRow(flow, run_id)).toMatchObject({ verdict: 'failed', outcome: { state: 'failed' } });
    expect(await work()).toEqual([]);
    expect(await holds()).toHaveLength(1);
  });

  it('is redelivered when its reader is killed, and nothing is half-done meanwhile', async () => {
    await submit(flow, submissionPlan(), SUBMIT);
    const { agent, run_id } = await end('failed');
    const count = vi.fn();
    const kinds = workKinds({ ...flow, metrics: { count, duration: () => undefined } });
    const [item] = await claim(flow, 'ingest', kinds);
    const killed = kindNamed(kinds, 'ingest-run').handle(item!, {
      ...{ signal: new AbortController().signal, log: flow.log, checkpoint: async () => undefined },
      complete: async (effect) => {
        return await flow.connection.db.transaction().execute(async (tx) => {
          await effect(tx);
          throw new Error('killed');
        });
      },
    });
    await expect(killed).rejects.toThrow('killed');
    expect(await runRow(flow, run_id)).toMatchObject({ state: 'finishing', verdict: null, results_pending: true });
    expect([await nodeState(flow, agent.node_id), await holds()]).toEqual(['running', []]);
    expect(count).not.toHaveBeenCalled();
    await change(flow, `update work_items set lease_until = groundcrew_now() - interval '1 s'`);
    expect(await freeLapsedItems(flow.connection.db)).toBe(1);
    const [again] = await claim(flow, 'ingest', kinds);
    await workOne(flow, again!, kindNamed(kinds, 'ingest-run'));
    expect(await runRow(flow, run_id)).toMatchObject({ state: 'finished', verdict: 'failed' });
    expect([await nodeState(flow, agent.node_id), (await holds()).length]).toEqual(['held', 1]);
    expect(count.mock.calls).toEqual([['runs_finished', { verdict: 'failed' }]]);
    await expect(workOne(flow, item!, kindNamed(kinds, 'ingest-run'))).rejects.toSatisfy((error) =>
      isError(error, 'GC1217'),
    );
  });

  it('does not wait for its results longer than a minute; they follow, and the verdict stays', async () => {
    await submit(flow, submissionPlan(), SUBMIT);
    const { agent, run_id } = await end('failed');
    expect(await reapDue(flow)).toBe(0);
    await change(flow, `update runs set finish_by_alive_ms = -1`);
    expect(await reapDue(flow)).toBe(1);
    expect(await runRow(flow, run_id)).toMatchObject({ state: 'finished', verdict: 'failed', results_pending: true });
    expect(await nodeState(flow, agent.node_id)).toBe('held');
    expect(await buildFinished()).toBe(false);
    await work();
    expect(await runRow(flow, run_id)).toMatchObject({ verdict: 'failed', results_pending: false });
    expect(await buildFinished()).toBe(true);
    expect(await holds()).toHaveLength(1);
  });

  it('has one verdict, whoever is first: the reader, the reaper, or both at once', async () => {
    for (let round = 0; round < 8; round++) {
      await submit(flow, submissionPlan([plannedJob()], `race ${round}`), SUBMIT);
      const { agent, run_id } = await end('failed');
      await change(flow, `update holds set released_at = groundcrew_now()`);
      await change(flow, `update runs set finish_by_alive_ms = -1 where id = ${run_id}`);
      await change(flow, `create table if not exists verdicts (run_id bigint, verdict text)`);
      await change(flow, VERDICT_TRIGGER);
      await Promise.all([reapDue(flow), work(), reapDue(flow)]);
      const { rows } = await sql`select verdict from verdicts where run_id = ${run_id}`.execute(flow.connection.db);
      expect(rows).toEqual([{ verdict: 'failed' }]);
      const of_run = (await holds()).filter((hold) => hold.run_id === run_id);
      expect([await nodeState(flow, agent.node_id), of_run.length]).toEqual(['held', 1]);
      await work();
      expect((await runRow(flow, run_id)).results_pending).toBe(false);
    }
  });
});

// Writes down every verdict that a run ever gets.
const VERDICT_TRIGGER = `
  create or replace function note_verdict() returns trigger language plpgsql as $$
  begin insert into verdicts values (new.id, new.verdict); return new; end $$;
  create or replace trigger note_verdict after update of verdict on runs for each row
    when (new.verdict is not null) execute function note_verdict();`;

describe('infra failures', () => {
  it('are tried again at once when the agent says so itself, as often as the job allows', async () => {
    await submit(flow, submissionPlan([plannedJob({ retries: 1 })]), SUBMIT);
    const first = await end('infra', 'the checkout failed');
    await work();
    const second = await end('infra', 'the checkout failed');
    expect(await runRow(flow, second.run_id)).toMatchObject({ attempt: 2 });
    expect(second.agent.node_id).not.toBe(first.agent.node_id);
    expect(await buildFinished()).toBe(false);
    await work();
    const rows = await flow.connection.db.selectFrom('runs').selectAll().orderBy('id').execute();
    expect(rows.map((row) => [row.attempt, row.verdict])).toEqual([
      [1, 'infra'],
      [2, 'infra'],
    ]);
    expect([await holds(), await buildFinished()]).toEqual([[], true]);
  });
});

describe('jobs after other jobs', () => {
  const chain = () => [
    plannedJob({ name: 'build', environment: 'jammy' }),
    plannedJob({ name: 'build', environment: 'noble' }),
    plannedJob({ name: 'test', after: ['build'] }),
    plannedJob({ name: 'deploy', after: ['test'] }),
  ];
  const states = async (runs: RunId[]) =>
    (await Promise.all(runs.map((run) => runRow(flow, run)))).map((row) => row.verdict ?? row.state);

  it('start when all before them passed', async () => {
    const { runs } = await submit(flow, submissionPlan(chain()), SUBMIT);
    await end('passed');
    await work();
    expect(await states(runs)).toEqual(['passed', 'queued', 'waiting', 'waiting']);
    await end('passed');
    await work();
    expect(await states(runs)).toEqual(['passed', 'passed', 'queued', 'waiting']);
    await end('passed');
    await work();
    await end('passed');
    await work();
    expect([await states(runs), await buildFinished()]).toEqual([['passed', 'passed', 'passed', 'passed'], true]);
  });

  it('are skipped when one before them did not pass, and so are those after them', async () => {
    const { runs } = await submit(flow, submissionPlan(chain()), SUBMIT);
    await end('failed');
    await work();
    expect(await states(runs)).toEqual(['failed', 'queued', 'skipped', 'skipped']);
    expect((await runRow(flow, runs[2]!)).reason).toBe('it comes after jammy build, which failed');
    expect((await runRow(flow, runs[3]!)).reason).toBe('it comes after jammy test, which was skipped');
    await end('passed');
    await work();
    expect(await buildFinished()).toBe(true);
  });

  it('wait for the next attempt of an infra failure', async () => {
    const { runs } = await submit(flow, submissionPlan(chain().slice(1)), SUBMIT);
    await end('infra');
    await work();
    expect(await states(runs)).toEqual(['infra', 'waiting', 'waiting']);
    await end('passed');
    await work();
    expect(await states(runs)).toEqual(['infra', 'queued', 'waiting']);
  });

  it('come out right when both before them end at once', async () => {
    const { runs } = await submit(flow, submissionPlan(chain()), SUBMIT);
    await end('passed');
    await end('passed');
    const kinds = workKinds(flow);
    const items = await claim(flow, 'ingest', kinds);
    expect(items).toHaveLength(2);
    await Promise.all(items.map((item) => workOne(flow, item, kindNamed(kinds, 'ingest-run'))));
    expect(await states(runs)).toEqual(['passed', 'passed', 'queued', 'waiting']);
    const { rows } = await sql<{ count: number }>`
      select count(*)::int as count from requests where run_id = ${runs[2]}`.execute(flow.connection.db);
    expect(rows[0]?.count).toBe(1);
  });
});

describe('a cancel', () => {
  const CANCEL = ['maria', 'not needed'] as const;

  it('ends what waits or is queued at once, with its request', async () => {
    const jobs = [plannedJob(), plannedJob({ name: 'later', after: ['test'] })];
    const { runs } = await submit(flow, submissionPlan(jobs), SUBMIT);
    await cancelRun(flow, runs[1]!, ...CANCEL);
    await cancelRun(flow, runs[0]!, ...CANCEL);
    for (const run of runs) {
      expect(await runRow(flow, run)).toMatchObject({ verdict: 'cancelled', reason: 'not needed', handouts: 0 });
    }
    const requests = await flow.connection.db.selectFrom('requests').select('state').execute();
    expect(requests).toEqual([{ state: 'cancelled' }]);
    await readyAgent(flow);
    await allocate(flow);
    expect((await runRow(flow, runs[0]!)).node_id).toBeNull();
    const audit = await flow.connection.db.selectFrom('audit_log').select(['actor', 'action']).execute();
    expect(audit).toContainEqual({ actor: 'maria', action: 'run.cancel' });
    expect(await buildFinished()).toBe(true);
  });

  it('ends what is assigned and not begun: the late acknowledgement is refused', async () => {
    const { runs } = await submit(flow, submissionPlan(), SUBMIT);
    const { agent } = await readyAgent(flow);
    await allocate(flow);
    await agent.next('assignment');
    await cancelRun(flow, runs[0]!, ...CANCEL);
    expect((await runRow(flow, runs[0]!)).verdict).toBe('cancelled');
    expect(await nodeState(flow, agent.node_id)).toBe('deleting');
    await agent.say({ type: 'acknowledge', run_id: runs[0]!, fence: 1 });
    await agent.next('stale');
  });

  it('lets a running payload end by itself', async () => {
    await submit(flow, submissionPlan(), SUBMIT);
    const { agent, run_id, fence } = await runningAgent(flow);
    await cancelRun(flow, run_id, ...CANCEL);
    await cancelRun(flow, run_id, 'tom', 'me too');
    expect(await agent.next('cancel')).toMatchObject({ reason: 'not needed' });
    expect((await runRow(flow, run_id)).state).toBe('running');
    await agent.say({ type: 'finish', run_id, fence, outcome: outcome('cancelled', 'not needed') });
    await work();
    expect(await runRow(flow, run_id)).toMatchObject({ verdict: 'cancelled' });
    expect([await nodeState(flow, agent.node_id), await holds()]).toEqual(['deleting', []]);
  });

  it('takes the machine from a payload that does not end', async () => {
    await submit(flow, submissionPlan(), SUBMIT);
    const { agent, run_id, fence } = await runningAgent(flow);
    await cancelRun(flow, run_id, ...CANCEL);
    expect(await reapDue(flow)).toBe(0);
    await change(flow, `update runs set cancel_by = groundcrew_now() - interval '1 s'`);
    expect(await reapDue(flow)).toBe(1);
    expect(await runRow(flow, run_id)).toMatchObject({ verdict: 'cancelled', attempt: 1 });
    expect(await nodeState(flow, agent.node_id)).toBe('deleting');
    agent.heard.length = 0;
    await agent.say({ type: 'finish', run_id, fence, outcome: outcome('passed') });
    await agent.next('stale');
    expect(await flow.connection.db.selectFrom('runs').selectAll().execute()).toHaveLength(1);
  });

  it('of a whole submission leaves nothing skipped, and goes over what has ended', async () => {
    const jobs = [plannedJob({ name: 'a' }), plannedJob({ name: 'b', after: ['a'] }), plannedJob({ name: 'c' })];
    const { submission_id, runs } = await submit(flow, submissionPlan(jobs), SUBMIT);
    await end('passed');
    await work();
    expect(await cancelSubmission(flow, submission_id, ...CANCEL)).toEqual([runs[2], runs[1]]);
    const verdicts = (await Promise.all(runs.map((run) => runRow(flow, run)))).map((row) => row.verdict);
    expect(verdicts).toEqual(['passed', 'cancelled', 'cancelled']);
    expect(await cancelSubmission(flow, submission_id, ...CANCEL)).toEqual([]);
  });

  it('comes too late for what has ended', async () => {
    await submit(flow, submissionPlan(), SUBMIT);
    const { run_id } = await end('passed');
    for (const _ of ['finishing', 'finished']) {
      const late = cancelRun(flow, run_id, ...CANCEL);
      await expect(late).rejects.toSatisfy((error) => isError(error, 'GC1009'));
      await work();
    }
    const nowhere = cancelRun(flow, 999_999 as RunId, ...CANCEL);
    await expect(nowhere).rejects.toSatisfy((error) => isError(error, 'GC1002'));
  });

  it('races with the allocator without harm', async () => {
    for (let round = 0; round < 10; round++) {
      const { runs } = await submit(flow, submissionPlan([plannedJob()], `race ${round}`), SUBMIT);
      await readyAgent(flow);
      await Promise.all([allocate(flow), cancelRun(flow, runs[0]!, ...CANCEL)]);
      const run = await runRow(flow, runs[0]!);
      expect(run.verdict).toBe('cancelled');
      if (run.node_id !== null) expect(await nodeState(flow, run.node_id)).toBe('deleting');
    }
  });
});
