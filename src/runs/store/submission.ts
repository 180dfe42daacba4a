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
  environment_id: EnvironmentId;
  name: string;
  expression: string;
  spec: RunSpec;
  hold: HoldRule | null;
  retries: number;
}

/**
 * The jobs of a submission, by one statement: their ids in the order of the jobs. Their specs are frozen here, so that a
 * retry does the same.
 */
export async function insertJobs(
  tx: Tx,
  parents: { submission_id: SubmissionId; build_id: BuildId },
  jobs: readonly NewJob[],
): Promise<JobId[]> {
  const rows = jobs.map((job, ordinal) => ({ ...job, ordinal }));
  const answer = await sql<{ id: JobId; environment_id: EnvironmentId; name: string }>`
    insert into jobs (submission_id, build_id, environment_id, name, expression, spec, hold, retries)
    select ${parents.submission_id}::bigint, ${parents.build_id}::bigint, environment_id, name, expression, spec,
      hold, retries
    from json_to_recordset(${JSON.stringify(rows)}::json) as given (ordinal int, environment_id bigint, name text,
      expression text, spec jsonb, hold jsonb, retries int)
    order by ordinal returning id, environment_id, name`.execute(tx);
  const keyOf = (job: { environment_id: EnvironmentId; name: string }) => `${job.environment_id} ${job.name}`;
  const ids = new Map(answer.rows.map((row) => [keyOf(row), row.id]));
  return jobs.map((job) => ids.get(keyOf(job)) as JobId);
}

/** Each job starts only after all runs of the jobs passed that it comes after. */
export async function insertDependencies(
  tx: Tx,
  dependencies: readonly { job_id: JobId; after_job_id: JobId }[],
): Promise<void> {
  if (dependencies.length === 0) return;
  await sql`
    insert into job_dependencies (job_id, after_job_id)
    select * from unnest(${dependencies.map((each) => each.job_id)}::bigint[],
      ${dependencies.map((each) => each.after_job_id)}::bigint[])`.execute(tx);
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
