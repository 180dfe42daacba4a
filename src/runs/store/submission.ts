import { sql } from 'kysely';
import type { BuildId, EnvironmentId, JobId, RunId, SubmissionId } from '../../base/ids.ts';
import type { RunSpec } from '../../protocol/job.ts';
import type { Db, Tx } from '../../store/schema/database.ts';
import type { HoldRule } from '../../store/schema/runs.ts';

export interface NewSubmission {
  build_id: BuildId;
  submitted_by: string;
  idempotency_key: string | null;
  plan_hash: Buffer;
  checkout_blob: string | null;
}

/** Null when another submission of the same caller has the idempotency key: see `findSubmission`. */
export async function insertSubmission(tx: Tx, submission: NewSubmission): Promise<SubmissionId | null> {
  const row = await tx
    .insertInto('submissions')
    .values(submission)
    .onConflict((conflict) => conflict.columns(['submitted_by', 'idempotency_key']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return row?.id ?? null;
}

/** The caller's submission with this idempotency key, or null. */
export async function findSubmission(
  db: Db,
  submitted_by: string,
  idempotency_key: string,
): Promise<{ id: SubmissionId; build_id: BuildId; plan_hash: Buffer | null } | null> {
  const row = await db
    .selectFrom('submissions')
    .select(['id', 'build_id', 'plan_hash'])
    .where('submitted_by', '=', submitted_by)
    .where('idempotency_key', '=', idempotency_key)
    .executeTakeFirst();
  return row ?? null;
}

/** The first runs of a submission's jobs, in the order in which they were made. */
export async function firstRunsOfSubmission(db: Db, submission_id: SubmissionId): Promise<RunId[]> {
  const rows = await db
    .selectFrom('runs')
    .innerJoin('jobs', 'jobs.id', 'runs.job_id')
    .select('runs.id')
    .where('jobs.submission_id', '=', submission_id)
    .where('runs.attempt', '=', 1)
    .orderBy('runs.id')
    .execute();
  return rows.map((row) => row.id);
}

export interface NewJob {
  submission_id: SubmissionId;
  build_id: BuildId;
  environment_id: EnvironmentId;
  name: string;
  expression: string;
  spec: RunSpec;
  hold: HoldRule | null;
  retries: number;
}

/** One job of a submission; its spec is frozen here, so that a retry does the same. */
export async function insertJob(tx: Tx, job: NewJob): Promise<JobId> {
  const row = await tx
    .insertInto('jobs')
    .values({ ...job, spec: JSON.stringify(job.spec), hold: job.hold && JSON.stringify(job.hold) })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

/** `job_id` starts only after all runs of `after_job_ids` passed. */
export async function insertDependencies(tx: Tx, job_id: JobId, after_job_ids: readonly JobId[]): Promise<void> {
  await sql`
    insert into job_dependencies (job_id, after_job_id)
    select ${job_id}, after from unnest(${after_job_ids}::bigint[]) as after`.execute(tx);
}

/** Runs of a submission, of any attempt, that have no verdict yet. */
export async function unfinishedRunsOfSubmission(db: Db, submission_id: SubmissionId): Promise<RunId[]> {
  const rows = await db
    .selectFrom('runs')
    .innerJoin('jobs', 'jobs.id', 'runs.job_id')
    .select('runs.id')
    .where('jobs.submission_id', '=', submission_id)
    .where('runs.state', '<>', 'finished')
    .orderBy('runs.id')
    .execute();
  return rows.map((row) => row.id);
}
