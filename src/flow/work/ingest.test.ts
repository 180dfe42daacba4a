import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NodeId, RunId } from '../../base/ids.ts';
import { retryDead } from '../../queue/store/dead.ts';
import { claimItems, failItem } from '../../queue/store/items.ts';
import { countsOfRuns } from '../../results/store/counts.ts';
import { storeArtifact } from '../artifacts/artifacts.ts';
import { extendHold } from '../finish/hold.ts';
import { reapDue } from '../finish/reap.ts';
import { submit } from '../submit/submit.ts';
import {
  change,
  nodeState,
  outcome,
  plannedJob,
  runningAgent,
  runRow,
  SUBMIT,
  submissionPlan,
  type TestFlow,
  testFlow,
  workOff,
} from '../testing/runs.ts';
import { workKinds } from './all.ts';

let flow: TestFlow;
beforeEach(async () => {
  flow = await testFlow();
});
afterEach(() => flow.close());

const FAILED = '<testcase classname="a" name="two"><failure message="expected 1"/></testcase>';
const junit = (cases: string) =>
  `<testsuites><testsuite name="a"><testcase classname="a" name="one"/>${cases}</testsuite></testsuites>`;

/** Runs a job whose node leaves these result files, and works off what follows. */
async function runWith(state: Parameters<typeof outcome>[0], files: string[]) {
  const { agent, run_id } = await uploaded(state, files);
  await workOff(flow, workKinds(flow));
  const counts = (await countsOfRuns(flow.connection.db, [run_id])).get(run_id) ?? null;
  return { run: await runRow(flow, run_id), node: await nodeState(flow, agent.node_id), counts };
}

const HOLD = { owner: 'me', duration_ms: 60_000, keys: [] };

/** The same up to the end of the payload. */
async function uploaded(state: Parameters<typeof outcome>[0], files: string[], hold: typeof HOLD | null = HOLD) {
  await submit(flow, submissionPlan([plannedJob({ hold, results: ['junit*.xml'] })]), SUBMIT);
  const { agent, secret, run_id, fence } = await runningAgent(flow);
  for (const [ordinal, file] of files.entries()) {
    const data = Buffer.from(file);
    const sha256 = createHash('sha256').update(data).digest();
    const upload = {
      path: `junit-${ordinal}.xml`,
      kind: 'result' as const,
      ordinal,
      format: 'junit',
      size: data.length,
      sha256,
    };
    await storeArtifact(flow, secret, run_id, fence, upload, Readable.from([data]));
  }
  await agent.say({ type: 'finish', run_id, fence, outcome: outcome(state, 'step "test" exited 1') });
  return { agent, run_id };
}

describe('the results of a run', () => {
  it('decide its verdict, and are committed with it', async () => {
    const { run, node, counts } = await runWith('failed', [junit(FAILED)]);
    expect(run).toMatchObject({ verdict: 'failed', reason: '1 test failed', results_pending: false });
    expect([node, counts]).toMatchObject(['held', { pass: 1, fail: 1 }]);
  });

  it('make a run fail whose steps passed', async () => {
    const { run } = await runWith('passed', [junit(FAILED)]);
    expect(run).toMatchObject({ verdict: 'failed', reason: '1 test failed' });
  });

  it('are attempts in the order of the files: mixed ones are flaky, and do not fail the run', async () => {
    const passed = '<testcase classname="a" name="two"/>';
    const { run, counts, node } = await runWith('passed', [junit(FAILED), junit(passed)]);
    expect(run).toMatchObject({ verdict: 'passed', reason: '1 test passed, 1 flaky' });
    expect([node, counts]).toMatchObject(['deleting', { pass: 1, flaky: 1, fail: 0 }]);
  });

  it('that are cut are kept as far as they go, and fail the run with the place', async () => {
    const { run, counts, node } = await runWith('passed', [junit('<testcase name="three"').slice(0, -30)]);
    expect(run.verdict).toBe('failed');
    expect(run.results_problem).toMatch(/junit-0\.xml.*line 1/);
    expect(run.reason).toBe(run.results_problem);
    expect([node, counts]).toMatchObject(['held', { pass: 1 }]);
  });

  it('that were promised and did not come fail the run', async () => {
    const { run } = await runWith('passed', []);
    expect(run).toMatchObject({ verdict: 'failed', reason: 'no file fits its results: junit*.xml' });
  });

  it('that cannot be read hold up nothing, and join the run when somebody has them tried again', async () => {
    const { run_id } = await uploaded('passed', [junit('')]);
    const { db } = flow.connection;
    const [item] = await claimItems(db, { lane: 'ingest', kinds: ['ingest-run'], worker: 'w', limit: 1 });
    await failItem(db, item!, { error: 'the object store is away', retry_in_ms: null });
    expect(await reapDue(flow)).toBe(1);
    const problem = 'its results could not be read: the object store is away';
    // Nobody knows whether its tests passed: that is our failure, and another attempt may be luckier.
    const ended = { state: 'finished', verdict: 'infra', reason: problem, results_problem: problem };
    expect(await runRow(flow, run_id)).toMatchObject(ended);
    const next = await db.selectFrom('runs').select(['attempt', 'state']).where('id', '>', run_id).execute();
    expect(next).toEqual([{ attempt: 2, state: 'queued' }]);
    expect(await reapDue(flow)).toBe(0);

    expect(await retryDead(db, item!.id)).toBe(true);
    await workOff(flow, workKinds(flow));
    expect(await runRow(flow, run_id)).toMatchObject({ results_pending: false, results_problem: null });
    expect((await countsOfRuns(db, [run_id])).get(run_id)).toMatchObject({ pass: 1 });
  });
});

describe('results that are read late', () => {
  /** A minute passes, and the node is let out of its freeze. */
  const late = async (files: string[], hold: typeof HOLD | null = HOLD) => {
    const { agent, run_id } = await uploaded('passed', files, hold);
    await change(flow, 'update runs set finish_by_alive_ms = -1');
    expect([await reapDue(flow), await reapDue(flow)]).toEqual([1, 0]);
    expect(await runRow(flow, run_id)).toMatchObject({ state: 'finishing', verdict: null, results_pending: true });
    return { node_id: agent.node_id, run_id, before: await nodeState(flow, agent.node_id) };
  };
  const readThen = async (run_id: RunId, node_id: NodeId) => {
    await workOff(flow, workKinds(flow));
    const holds = await flow.connection.db.selectFrom('holds').select(['reason', 'released_by']).execute();
    return { run: await runRow(flow, run_id), node: await nodeState(flow, node_id), holds };
  };

  it('still fail the run, and its node is there to be looked at', async () => {
    const { run_id, node_id, before } = await late([junit(FAILED)]);
    const { run, node, holds } = await readThen(run_id, node_id);
    expect(run).toMatchObject({ verdict: 'failed', reason: '1 test failed', results_pending: false });
    expect([before, node]).toEqual(['held', 'held']);
    expect(holds).toEqual([{ reason: `run ${run_id} failed: 1 test failed`, released_by: null }]);
  });

  it('let the node go when they are good, unless a person has extended the hold', async () => {
    const { run_id, node_id, before } = await late([junit('')]);
    const { run, node, holds } = await readThen(run_id, node_id);
    expect([before, run.verdict, node, holds[0]?.released_by]).toEqual(['held', 'passed', 'deleting', 'verdict']);
    const second = await late([junit('')]);
    await extendHold(flow, second.node_id, { actor: 'maria', reason: 'a look at it', duration_ms: 60_000 });
    const extended = await readThen(second.run_id, second.node_id);
    expect([extended.run.verdict, extended.node]).toEqual(['passed', 'held']);
  });

  it('keep no node that nobody would hold', async () => {
    const { run_id, node_id, before } = await late([junit(FAILED)], null);
    const { run, node, holds } = await readThen(run_id, node_id);
    expect([before, run.verdict, node, holds]).toEqual(['deleting', 'failed', 'deleting', []]);
  });
});
