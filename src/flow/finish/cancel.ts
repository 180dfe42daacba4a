import { GroundcrewError, isError } from '../../base/errors/error.ts';
import type { RunId, SubmissionId } from '../../base/ids.ts';
import { lockBuild } from '../../builds/store/life.ts';
import { cancelRequestsOfRun } from '../../requests/store/life.ts';
import { contextOfRun, type RunContext } from '../../runs/store/context.ts';
import { requestCancel } from '../../runs/store/life.ts';
import { unfinishedRunsOfSubmission } from '../../runs/store/submission.ts';
import { recordAudit } from '../../store/audit.ts';
import { notify } from '../../store/notify.ts';
import type { Tx } from '../../store/schema/database.ts';
import type { Services } from '../services.ts';
import { endRun, existing, type Tell } from './finish.ts';

/** A run may be handed out, acknowledged or taken back while it is cancelled: so often at most. */
const CHANGES_MOST = 10;

/**
 * Ends a run at somebody's wish. One that waits, or that no agent has begun, has its verdict at once; the agent of a
 * running one is told, and if the payload has not ended a minute later its node is deleted under it. A second cancel
 * changes nothing. Errors: GC1002 no such run, GC1009 when it ended already.
 */
export async function cancelRun(services: Services, run_id: RunId, actor: string, reason: string): Promise<void> {
  const tell = await services.connection.db.transaction().execute(async (tx) => {
    const { build_id } = existing(await contextOfRun(tx, run_id), run_id);
    await lockBuild(tx, build_id);
    // Requests before runs, as the allocator locks them: after this the run is not handed out any more, or it is already.
    await cancelRequestsOfRun(tx, run_id, reason);
    for (let changes = 0; changes < CHANGES_MOST; changes++) {
      // Its agent may acknowledge it between the look and the end: then it is looked at again.
      const run = existing(await contextOfRun(tx, run_id), run_id);
      if (run.state === 'finishing' || run.state === 'finished') throw refusal(run_id, run.state);
      const done = await cancelAsItIs(tx, services, run, reason);
      if (done === null) continue;
      await recordAudit(tx, actor, 'run.cancel', `run ${run_id}`, { reason, state: run.state });
      return done;
    }
    throw refusal(run_id, 'changing all the time');
  });
  tell();
}

/** Null when the run was changed since it was read. */
async function cancelAsItIs(tx: Tx, services: Services, run: RunContext, reason: string): Promise<Tell | null> {
  const { run_id, assignment_id, state } = run;
  if (state === 'running') {
    if (run.cancel_requested) return () => undefined;
    if (!(await requestCancel(tx, run_id, assignment_id, reason))) return null;
    await notify(tx, 'run', String(run_id));
    return () => undefined;
  }
  const judgement = { verdict: 'cancelled', reason } as const;
  const options = { from: [state], machine_uncertain: false };
  return await endRun(tx, services, { ...run, cancel_requested: true }, judgement, options);
}

function refusal(run_id: RunId, state: string): GroundcrewError {
  return new GroundcrewError('GC1009', { action: 'cancel', kind: 'run', id: run_id, state });
}

/**
 * Cancels every run of a submission that has not ended; those that come after others first, so that they are cancelled
 * and not skipped. Answers which; none when all had ended.
 */
export async function cancelSubmission(
  services: Services,
  submission_id: SubmissionId,
  actor: string,
  reason: string,
): Promise<RunId[]> {
  const seen = new Set<RunId>();
  const cancelled: RunId[] = [];
  for (;;) {
    // Again, since one may have ended meanwhile as infra, and its next attempt be there.
    const all = await unfinishedRunsOfSubmission(services.connection.db, submission_id);
    const runs = all.filter((run_id) => !seen.has(run_id));
    if (runs.length === 0) return cancelled;
    for (const run_id of runs.reverse()) {
      seen.add(run_id);
      try {
        await cancelRun(services, run_id, actor, reason);
        cancelled.push(run_id);
      } catch (error) {
        // Ended meanwhile, by itself or with one that it came after.
        if (!isError(error, 'GC1009')) throw error;
      }
    }
  }
}
