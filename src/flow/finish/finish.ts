import { endAssignments } from '../../assignments/store/life.ts';
import { GroundcrewError } from '../../base/errors/error.ts';
import type { NodeId, RunId } from '../../base/ids.ts';
import { lockBuild } from '../../builds/store/life.ts';
import { countHolds } from '../../nodes/store/holds.ts';
import { lockNode } from '../../nodes/store/move.ts';
import { AGENT_CUT_OFF_MS } from '../../protocol/agent.ts';
import { itemOf } from '../../queue/kinds.ts';
import { enqueue } from '../../queue/store/items.ts';
import { type PlannedHold, planHold, planRetry } from '../../runs/plan.ts';
import type { RunState } from '../../runs/state.ts';
import type { RunContext } from '../../runs/store/context.ts';
import { endFreeze, insertRun, setRunWait, writeVerdict } from '../../runs/store/life.ts';
import { logOfRun } from '../../runs/store/log.ts';
import type { Judgement } from '../../runs/verdict.ts';
import { notify } from '../../store/notify.ts';
import type { Tx } from '../../store/schema/database.ts';
import { ARCHIVE_LOG } from '../logs/archive.ts';
import type { Services } from '../services.ts';
import { requestNode } from '../submit/submit.ts';
import { finishBuildWhenDone } from './build-finished.ts';
import { freezeVerdict } from './hold.ts';
import { releaseDependants } from './release.ts';

/** Beyond the agent's own cut-off: its clock starts when it notices, and ending a payload takes a moment. */
const CUT_OFF_MARGIN_MS = 60_000;

export interface EndOptions {
  /** The states that this end may happen from; in any other, somebody was first. */
  from: readonly RunState[];
  /** May the payload still be alive on its machine? Then the next attempt waits until that is over. */
  machine_uncertain: boolean;
  /** False: another attempt would come to the same. Default true. */
  retry?: boolean;
}

/**
 * Says in figures and the log what a transaction did: for after its commit, since one that is rolled back and done again
 * would be told twice.
 */
export type Tell = () => void;

/**
 * The one way in which a run ends. In the caller's transaction, all or nothing: the verdict, the node's hold or
 * deletion, the next attempt of an infra failure, what becomes of the jobs after it, the build, the log's archive.
 * Null when the run had ended already, or was handed out again: then nothing was done.
 */
export async function endRun(
  tx: Tx,
  services: Services,
  run: RunContext,
  judgement: Judgement,
  options: EndOptions,
): Promise<Tell | null> {
  const node = await lockPlace(tx, run);
  const { run_id, assignment_id } = run;
  if (!(await writeVerdict(tx, { run_id, assignment_id, from: options.from, ...judgement }))) return null;
  if (run.node_id !== null) await settleNode(tx, services, run, { node_id: run.node_id, node }, judgement);
  const again = options.retry !== false && planRetry({ ...run, verdict: judgement.verdict });
  if (again) await tryAgain(tx, run, options.machine_uncertain);
  else await releaseDependants(tx, run.job_id);
  if (run.node_id !== null)
    await endAssignments(tx, { kind: 'run', subject: run_id }, `its run ended: ${judgement.verdict}`);
  if ((await logOfRun(tx, run_id)) !== null) {
    await enqueue(tx, itemOf(ARCHIVE_LOG, String(run_id), { run_id }));
  }
  await notify(tx, 'run', String(run_id));
  await finishBuildWhenDone(tx, run.build_id);
  return () => {
    services.metrics?.count('runs_finished', { verdict: judgement.verdict });
    services.log.info({ run: run_id, again, ...judgement }, 'run finished');
  };
}

/**
 * The build and the node of a run, which whoever changes the run together with them locks before the run's own row
 * (`store/lock-order.ts`). Answers the node; null: it has none.
 */
export async function lockPlace(tx: Tx, run: Pick<RunContext, 'build_id' | 'node_id'>): Promise<LockedNode> {
  await lockBuild(tx, run.build_id);
  return run.node_id === null ? null : await lockNode(tx, run.node_id);
}

type LockedNode = Awaited<ReturnType<typeof lockNode>>;

// Frozen until here: what happens to the machine is committed together with the verdict.
async function settleNode(
  tx: Tx,
  services: Services,
  run: RunContext,
  place: { node_id: NodeId; node: LockedNode },
  judgement: Judgement,
): Promise<void> {
  const hold = await holdFor(tx, services, run, judgement);
  const why = judgement.verdict === 'passed' ? '' : `: ${judgement.reason}`;
  const reason = hold?.reason ?? `run ${run.run_id} ended: ${judgement.verdict}${why}`;
  await freezeVerdict(tx, { ...place, run_id: run.run_id, hold, reason });
}

async function holdFor(tx: Tx, services: Services, run: RunContext, judgement: Judgement): Promise<PlannedHold | null> {
  const { holds } = services.config();
  const rules = holds.map((rule) => rule.project);
  return planHold({
    run_id: run.run_id,
    project: run.project,
    submitted_by: run.submitted_by,
    judgement,
    job_rule: run.hold,
    rules: holds,
    live_holds: await countHolds(tx, rules),
  });
}

/**
 * The results of a run whose steps passed were not read in time. Its machine must not wait for them any longer, and the
 * verdict cannot do without them: the node is held if it would be held for a failure, else deleted, and the run goes on
 * waiting. Null when that was done before, or the run has ended.
 */
export async function thawNode(tx: Tx, services: Services, run: RunContext): Promise<Tell | null> {
  const { run_id, node_id, assignment_id } = run;
  const node = await lockPlace(tx, run);
  if (!(await endFreeze(tx, run_id, assignment_id))) return null;
  const reason = `run ${run_id} passed its steps; its results are not read yet`;
  if (node_id !== null) {
    const planned = await holdFor(tx, services, run, { verdict: 'failed', reason });
    const hold = planned && { ...planned, reason, until_verdict: true };
    await freezeVerdict(tx, { node_id, node, run_id, hold, reason });
    await endAssignments(tx, { kind: 'run', subject: run_id }, reason);
  }
  await notify(tx, 'run', String(run_id));
  return () => services.log.warn({ run: run_id, node: node_id }, 'the results of a run are late: its node goes first');
}

async function tryAgain(tx: Tx, run: RunContext, machine_uncertain: boolean): Promise<RunId> {
  const waits = machine_uncertain && run.node_id !== null;
  const attempt = run.attempt + 1;
  const run_id = await insertRun(tx, { job_id: run.job_id, attempt, state: waits ? 'waiting' : 'queued' });
  if (waits) await setRunWait(tx, run_id, run.node_id as NodeId, AGENT_CUT_OFF_MS + CUT_OFF_MARGIN_MS);
  else {
    await requestNode(tx, { run_id, expression: run.expression, requester: run.submitted_by });
    await notify(tx, 'allocate', '');
  }
  await notify(tx, 'run', String(run_id));
  return run_id;
}

/** The run, or the error that a person is to see when there is none. */
export function existing(run: RunContext | null, run_id: RunId): RunContext {
  if (run === null) throw new GroundcrewError('GC1002', { kind: 'run', id: run_id });
  return run;
}
