import { acknowledgeAssignment } from '../../assignments/store/life.ts';
import type { NodeId, RunId } from '../../base/ids.ts';
import { lockNode, moveNode } from '../../nodes/store/move.ts';
import type { ActiveRun, RunOutcome, ServerMessage } from '../../protocol/agent.ts';
import { itemOf } from '../../queue/kinds.ts';
import { enqueue } from '../../queue/store/items.ts';
import { contextOfRun } from '../../runs/store/context.ts';
import { acknowledgeRun, TIMEOUT_MARGIN_MS } from '../../runs/store/hand-out.ts';
import { beginFinishing, stateOfRun } from '../../runs/store/life.ts';
import { logOfRun, openLog } from '../../runs/store/log.ts';
import type { SessionRun } from '../../runs/store/session.ts';
import { notify } from '../../store/notify.ts';
import type { Tx } from '../../store/schema/database.ts';
import type { Services } from '../services.ts';
import { INGEST_RUN } from '../work/ingest.ts';

/** The node's own last deadline, for what nobody looks after any more: the run's rules act long before. */
const NODE_MARGIN_MS = 3_600_000;
/** What agents measure of a run, for the figures; other names are theirs alone. */
const TIMED_PARTS = ['checkout', 'steps', 'upload'] as const;

/** Undoes a transaction whose parts do not fit together; never leaves this file. */
class Undo extends Error {}

/** The run, its assignment and its node start together, or none of them. False: the fence or the session is not current. */
export async function acknowledge(services: Services, at: SessionRun): Promise<boolean> {
  try {
    return await services.connection.db.transaction().execute(async (tx) => {
      await lockNode(tx, at.node_id);
      if (!(await acknowledgeRun(tx, at))) return await runsAlready(tx, at);
      await openLog(tx, at.run_id);
      const run = await contextOfRun(tx, at.run_id);
      const moved = await moveNode(tx, {
        id: at.node_id,
        from: 'assigned',
        to: 'running',
        reason: `run ${at.run_id} (${run?.project}@${run?.spec.build}, ${run?.spec.environment}) started`,
        actor: 'agent',
        deadline_after_ms: (run?.spec.timeout_ms ?? 0) + TIMEOUT_MARGIN_MS + NODE_MARGIN_MS,
      });
      if (!moved || !(await acknowledgeAssignment(tx, at))) throw new Undo();
      await notify(tx, 'run', String(at.run_id));
      await notify(tx, 'fleet', at.node_id);
      return true;
    });
  } catch (error) {
    if (error instanceof Undo) return false;
    throw error;
  }
}

// The answer to an earlier acknowledgement was lost.
async function runsAlready(tx: Tx, at: SessionRun): Promise<boolean> {
  const now = await stateOfRun(tx, at.run_id);
  return now !== null && now.state === 'running' && now.fence === at.fence && now.node_id === at.node_id;
}

/** What the server says about the run that an agent names when it connects. */
export async function resumeRun(services: Services, at: SessionRun): Promise<ServerMessage[]> {
  const { run_id, fence } = at;
  const now = await stateOfRun(services.connection.db, run_id);
  const mine = now !== null && now.fence === fence && now.node_id === at.node_id;
  if (mine && now.ended) return [{ type: 'finish_ack', run_id, fence }];
  const runs = mine && (now.state === 'running' || (now.state === 'assigned' && (await acknowledge(services, at))));
  if (!runs) return [{ type: 'stale', run_id, fence }];
  return [await keptLog(services, at), ...cancelWord(at, now)];
}

/** How much of the run's log is kept: the answer to an acknowledgement, and where the agent goes on. */
export async function keptLog(services: Services, { run_id, fence }: ActiveRun): Promise<ServerMessage> {
  const log = await logOfRun(services.connection.db, run_id);
  return { type: 'log_ack', run_id, fence, offset: log?.bytes ?? 0 };
}

/** What a session says when something about its run has changed: nothing, `cancel`, or `stale`. */
export async function newsOfRun(services: Services, node_id: NodeId, run: ActiveRun): Promise<ServerMessage[]> {
  const now = await stateOfRun(services.connection.db, run.run_id);
  if (now === null || now.fence !== run.fence || now.node_id !== node_id || (now.state === 'finished' && !now.ended)) {
    return [{ type: 'stale', ...run }];
  }
  return now.state === 'running' ? cancelWord(run, now) : [];
}

function cancelWord(
  { run_id, fence }: ActiveRun,
  now: { cancel_requested: boolean; cancel_reason: string | null },
): ServerMessage[] {
  return now.cancel_requested ? [{ type: 'cancel', run_id, fence, reason: now.cancel_reason ?? 'cancelled' }] : [];
}

/**
 * The payload ended: the run is `finishing`, and the reading of its results is in the queue, in one transaction. The
 * node stays as it is until the verdict. True also when the run's end was kept before: the agent may say it again.
 */
export async function finishRun(services: Services, at: SessionRun, outcome: RunOutcome): Promise<boolean> {
  const began = await services.connection.db.transaction().execute(async (tx) => {
    if (!(await beginFinishing(tx, at, outcome))) return false;
    await enqueueIngest(tx, at.run_id);
    await notify(tx, 'run', String(at.run_id));
    return true;
  });
  if (began) {
    for (const part of TIMED_PARTS) services.metrics?.duration('run_part', outcome.durations_ms[part] ?? 0, { part });
    return true;
  }
  const now = await stateOfRun(services.connection.db, at.run_id);
  return now?.ended === true && now.fence === at.fence && now.node_id === at.node_id;
}

async function enqueueIngest(tx: Tx, run_id: RunId): Promise<void> {
  await enqueue(tx, itemOf(INGEST_RUN, String(run_id), { run_id }));
}
