import { takeBackAssignment } from '../../assignments/store/life.ts';
import { formatDuration } from '../../base/units.ts';
import { lockBuild } from '../../builds/store/life.ts';
import { RUN_LEASE_MS } from '../../protocol/agent.ts';
import { HANDOUTS_MAX } from '../../runs/plan.ts';
import type { RunState } from '../../runs/state.ts';
import { contextOfRun, type RunContext } from '../../runs/store/context.ts';
import type { DueKind, DueRun } from '../../runs/store/due.ts';
import { requeueRun } from '../../runs/store/hand-out.ts';
import { queueWaitingRun, settleResults } from '../../runs/store/life.ts';
import { awaitsResults, type Judgement, judgeRun } from '../../runs/verdict.ts';
import { notify } from '../../store/notify.ts';
import type { Tx } from '../../store/schema/database.ts';
import type { Services } from '../services.ts';
import { requestNode } from '../submit/submit.ts';
import { finishBuildWhenDone } from './build-finished.ts';
import { endRun, lockPlace, type Tell, thawNode } from './finish.ts';
import { freezeVerdict } from './hold.ts';

/**
 * Does what is due for one run, if it is still as it was when it was looked at: the same hand-out, in the state that the
 * rule is for. False when something else happened meanwhile.
 */
export async function reapRun(services: Services, due: DueRun): Promise<boolean> {
  const tell = await services.connection.db.transaction().execute(async (tx) => {
    const seen = await contextOfRun(tx, due.run_id);
    if (seen === null) return null;
    await lockBuild(tx, seen.build_id);
    const run = await contextOfRun(tx, due.run_id);
    if (run === null || run.assignment_id !== due.assignment_id) return null;
    // Before the run's own row, which each of what follows changes in its state and for its assignment.
    await lockPlace(tx, run);
    return await act(tx, services, run, due);
  });
  tell?.();
  return tell !== null;
}

async function act(tx: Tx, services: Services, run: RunContext, due: DueRun): Promise<Tell | null> {
  if (run.state === 'assigned' && (due.kind === 'acknowledge' || due.kind === 'node')) {
    return await takeBack(tx, services, run, due);
  }
  if (due.kind === 'unread') return await goOnWithoutResults(tx, services, run, due);
  if (due.kind === 'wait') return await startAgain(tx, run);
  const from = STATE_OF[due.kind];
  if (from === undefined || run.state !== from) return null;
  if (due.kind === 'finish' && run.outcome !== null && awaitsResults(run.outcome, run.spec.results)) {
    return await thawNode(tx, services, run);
  }
  const judgement = judge(run, due);
  const retry = due.kind !== 'refused';
  return await endRun(tx, services, run, judgement, { from: [from], machine_uncertain: from === 'running', retry });
}

/** The one state that each rule is for; the others are handled apart. */
const STATE_OF: Partial<Record<DueKind, RunState>> = {
  lease: 'running',
  timeout: 'running',
  cancel: 'running',
  node: 'running',
  finish: 'finishing',
  refused: 'queued',
  request: 'queued',
};

function judge(run: RunContext, due: DueRun): Judgement {
  const lost = due.kind === 'lease' || due.kind === 'node';
  if (lost && run.cancel_requested) return { verdict: 'cancelled', reason: run.cancel_reason ?? 'cancelled' };
  switch (due.kind) {
    case 'lease':
      return {
        verdict: 'infra',
        reason: `its node ${run.node_id} was not heard of for ${formatDuration(RUN_LEASE_MS)}`,
      };
    case 'timeout':
      return {
        verdict: 'timeout',
        reason: `it ran longer than its ${formatDuration(run.spec.timeout_ms)}, and its agent did not end it`,
      };
    case 'cancel':
      return { verdict: 'cancelled', reason: `${run.cancel_reason ?? 'cancelled'} (its agent did not end it in time)` };
    case 'node':
      return { verdict: 'infra', reason: `its node ${run.node_id} was lost: ${due.detail ?? 'it is being deleted'}` };
    case 'refused':
      return { verdict: 'infra', reason: `no node can run it: ${due.detail ?? 'its request was refused'}` };
    case 'request':
      return { verdict: 'cancelled', reason: `its request for a node ended: ${due.detail ?? 'no reason was given'}` };
    default:
      return judgeUnread(run, 'its results were not read in time');
  }
}

// The outcome decides without the results; they follow when they are read.
function judgeUnread(run: RunContext, why: string): Judgement {
  if (run.outcome === null) return { verdict: 'infra', reason: 'its agent did not say how it ended' };
  const { verdict, reason } = judgeRun({ outcome: run.outcome, expected: run.spec.results, results: null });
  return { verdict, reason: awaitsResults(run.outcome, run.spec.results) ? why : `${reason} (${why})` };
}

/**
 * Nobody acknowledged it. The payload cannot have started, since it waits for our answer to the acknowledgement; the
 * run goes to another node at once, the silent one is deleted, and after a few of those the run counts as infra.
 */
async function takeBack(tx: Tx, services: Services, run: RunContext, due: DueRun): Promise<Tell | null> {
  const why =
    due.kind === 'node'
      ? `its node ${run.node_id} was lost: ${due.detail ?? 'it is being deleted'}`
      : `node ${run.node_id} did not acknowledge it`;
  if (run.handouts >= HANDOUTS_MAX) {
    const reason = `it was handed out ${run.handouts} times and never acknowledged; at last, ${why}`;
    return await endRun(
      tx,
      services,
      run,
      { verdict: 'infra', reason },
      { from: ['assigned'], machine_uncertain: false },
    );
  }
  const { assignment_id, node_id } = run;
  if (assignment_id === null || node_id === null) return null;
  if (!(await requeueRun(tx, run.run_id, assignment_id))) return null;
  await freezeVerdict(tx, {
    node_id,
    run_id: run.run_id,
    hold: null,
    reason: `run ${run.run_id} was taken back: ${why}`,
  });
  await takeBackAssignment(tx, assignment_id, why);
  await requestNode(tx, { run_id: run.run_id, expression: run.expression, requester: run.submitted_by });
  await notify(tx, 'run', String(run.run_id));
  return () => {
    services.metrics?.count('runs_taken_back');
    services.log.warn({ run: run.run_id, node: run.node_id, why }, 'an assignment was taken back');
  };
}

/**
 * The work item that reads its results is dead: the verdict and the build go on without them, and say so. A run whose
 * steps passed is then `infra`, since that nobody can read its results is no fault of its tests and no success either.
 * The files are kept, and when somebody has the item tried again, the results join the run.
 */
async function goOnWithoutResults(tx: Tx, services: Services, run: RunContext, due: DueRun): Promise<Tell | null> {
  if (!run.results_pending) return null;
  const why = `its results could not be read: ${due.detail ?? 'no reason was kept'}`;
  await settleResults(tx, run.run_id, why);
  const tell = (): void =>
    services.log.error({ run: run.run_id, why: due.detail }, 'the results of a run could not be read');
  if (run.state === 'finishing' && run.outcome !== null) {
    const end = { from: ['finishing'] as const, machine_uncertain: false };
    const ended = await endRun(tx, services, run, judgeUnread(run, why), end);
    return () => {
      tell();
      ended?.();
    };
  }
  await notify(tx, 'run', String(run.run_id));
  await finishBuildWhenDone(tx, run.build_id);
  return tell;
}

/** The lost run's machine is gone, or its agent has given up: the next attempt may start. */
async function startAgain(tx: Tx, run: RunContext): Promise<Tell | null> {
  if (!(await queueWaitingRun(tx, run.run_id))) return null;
  await requestNode(tx, { run_id: run.run_id, expression: run.expression, requester: run.submitted_by });
  await notify(tx, 'run', String(run.run_id));
  return () => undefined;
}
