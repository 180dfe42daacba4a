import type { JobId } from '../../base/ids.ts';
import { planDependant } from '../../runs/plan.ts';
import { dependantsOf } from '../../runs/store/context.ts';
import { queueWaitingRun, writeVerdict } from '../../runs/store/life.ts';
import { notify } from '../../store/notify.ts';
import type { Tx } from '../../store/schema/database.ts';
import { requestNode } from '../submit/submit.ts';

/**
 * A job has its last verdict: the jobs after it start, wait on for others, or are skipped, and with a skipped one all
 * that come after that. The caller holds the build's lock.
 */
export async function releaseDependants(tx: Tx, job_id: JobId): Promise<void> {
  const ended: JobId[] = [job_id];
  for (let next = ended.pop(); next !== undefined; next = ended.pop()) {
    for (const dependant of await dependantsOf(tx, next)) {
      const plan = planDependant(dependant.before);
      if (plan.action === 'wait') continue;
      const { run_id, expression } = dependant;
      if (plan.action === 'skip') {
        await writeVerdict(tx, {
          run_id,
          assignment_id: null,
          from: ['waiting'],
          verdict: 'skipped',
          reason: plan.reason,
        });
        ended.push(dependant.job_id);
      } else if (await queueWaitingRun(tx, run_id)) {
        await requestNode(tx, { run_id, expression, requester: dependant.submitted_by });
        await notify(tx, 'allocate', '');
      }
      await notify(tx, 'run', String(run_id));
    }
  }
}
