import type { JobId, RunId } from '../../base/ids.ts';
import type { RunOutcome } from '../../protocol/agent.ts';
import type { RunSpec } from '../../protocol/job.ts';
import type { Db } from '../../store/schema/database.ts';
import type { RunStepsTable } from '../../store/schema/runs.ts';
import { type ArtifactRow, artifactsOfRun } from './artifacts.ts';
import { findRun, type RunRow } from './list.ts';
import { type LogRow, logOfRun } from './log.ts';
import { stepsOfRun } from './steps.ts';

/** What a run's own page shows beside the row of the list. */
export interface RunFacts {
  job_id: JobId;
  expression: string;
  spec: RunSpec;
  submitted_by: string;
  outcome: RunOutcome | null;
  cancel_requested_at: Date | null;
  cancel_reason: string | null;
  results_pending: boolean;
  results_problem: string | null;
  waits_for_node: string | null;
  waits_until: Date | null;
}

export interface OtherAttempt {
  id: RunId;
  attempt: number;
  verdict: string | null;
}

export interface RunDetailRow {
  run: RunRow;
  facts: RunFacts;
  steps: RunStepsTable[];
  artifacts: ArtifactRow[];
  /** Null when the run never began. */
  log: LogRow | null;
  other_attempts: OtherAttempt[];
}

/** Everything about one run that this folder's tables hold, or null when there is none. */
export async function runDetail(db: Db, run_id: RunId): Promise<RunDetailRow | null> {
  const [run, facts] = [await findRun(db, run_id), await factsOfRun(db, run_id)];
  if (!run || !facts) return null;
  return {
    run,
    facts,
    steps: await stepsOfRun(db, run_id),
    artifacts: await artifactsOfRun(db, run_id),
    log: await logOfRun(db, run_id),
    other_attempts: (await attemptsOfJob(db, facts.job_id)).filter((attempt) => attempt.id !== run_id),
  };
}

async function factsOfRun(db: Db, run_id: RunId): Promise<RunFacts | null> {
  const row = await db
    .selectFrom('runs')
    .innerJoin('jobs', 'jobs.id', 'runs.job_id')
    .innerJoin('submissions', 'submissions.id', 'jobs.submission_id')
    .select([
      'runs.job_id',
      'jobs.expression',
      'jobs.spec',
      'submissions.submitted_by',
      'runs.outcome',
      'runs.cancel_requested_at',
      'runs.cancel_reason',
      'runs.results_pending',
      'runs.results_problem',
      'runs.waits_for_node',
      'runs.waits_until',
    ])
    .where('runs.id', '=', run_id)
    .executeTakeFirst();
  return row ?? null;
}

/** All attempts of a job, first to last. */
export async function attemptsOfJob(db: Db, job_id: JobId): Promise<OtherAttempt[]> {
  return await db
    .selectFrom('runs')
    .select(['id', 'attempt', 'verdict'])
    .where('job_id', '=', job_id)
    .orderBy('attempt')
    .execute();
}
