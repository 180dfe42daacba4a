import type { RunId } from '../../base/ids.ts';
import { lockBuild } from '../../builds/store/life.ts';
import type { WorkKind } from '../../queue/contract.ts';
import { artifactsOfRun } from '../../runs/store/artifacts.ts';
import { contextOfRun, type RunContext } from '../../runs/store/context.ts';
import { settleResults } from '../../runs/store/life.ts';
import { judgeRun } from '../../runs/verdict.ts';
import { notify } from '../../store/notify.ts';
import type { Tx } from '../../store/schema/database.ts';
import { finishBuildWhenDone } from '../finish/build-finished.ts';
import { endRun, lockPlace, type Tell } from '../finish/finish.ts';
import { RUN_PAYLOAD, type RunPayload } from '../run-payload.ts';
import type { Services } from '../services.ts';
import { type ReadResults, readResults } from './ingest-results.ts';

/**
 * Reads the result files of a run whose payload ended, outside of any transaction; then commits what they hold, the
 * verdict and everything that follows from it in one. A verdict that the reaper wrote meanwhile stays; the results join
 * it, as do those of an item that was dead and is tried again. A file that cannot be read to its end is no failure of
 * this handler: the run keeps what was wrong and where.
 */
export const INGEST_RUN: WorkKind<RunPayload, Services> = {
  name: 'ingest-run',
  lane: 'ingest',
  payload: RUN_PAYLOAD,
  async work(services, { run_id }, context) {
    const { db } = services.connection;
    const run = await contextOfRun(db, run_id);
    if (run === null) return;
    const files = (await artifactsOfRun(db, run_id)).filter((artifact) => artifact.kind === 'result');
    const read = await readResults(services, run, files, context.signal);
    try {
      const tell = await context.complete((tx) => commit(tx, services, run_id, read));
      tell?.();
    } finally {
      read.forget();
    }
  },
};

async function commit(tx: Tx, services: Services, run_id: RunId, read: ReadResults): Promise<Tell | null> {
  const before = (await contextOfRun(tx, run_id)) as RunContext;
  await lockBuild(tx, before.build_id);
  const run = (await contextOfRun(tx, run_id)) as RunContext;
  if (run.state === 'finishing') await lockPlace(tx, run);
  const results = await read.commit(tx);
  await settleResults(tx, run_id, results.problem);
  if (run.state === 'finishing' && run.outcome !== null) {
    const judgement = judgeRun({ outcome: run.outcome, expected: run.spec.results, results });
    return await endRun(tx, services, run, judgement, { from: ['finishing'], machine_uncertain: false });
  }
  await notify(tx, 'run', String(run_id));
  await finishBuildWhenDone(tx, run.build_id);
  return null;
}
