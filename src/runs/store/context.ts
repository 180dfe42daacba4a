import { sql } from 'kysely';
import type { AssignmentId, BuildId, JobId, NodeId, ProjectId, RequestId, RunId } from '../../base/ids.ts';
import type { RunOutcome } from '../../protocol/agent.ts';
import type { RunSpec } from '../../protocol/job.ts';
import type { Db, Tx } from '../../store/schema/database.ts';
import type { HoldRule } from '../../store/schema/runs.ts';
import type { EarlierJob } from '../plan.ts';
import type { RunState } from '../state.ts';

/** All that decides how a run ends and what follows from it. */
export interface RunContext {
  run_id: RunId;
  state: RunState;
  /** Its last hand-out; null, as the node: none, or it was taken back. */
  assignment_id: AssignmentId | null;
  attempt: number;
  handouts: number;
  node_id: NodeId | null;
  request_id: RequestId | null;
  outcome: RunOutcome | null;
  cancel_requested: boolean;
  cancel_reason: string | null;
  results_pending: boolean;
  job_id: JobId;
  job: string;
  expression: string;
  retries: number;
  spec: RunSpec;
  hold: HoldRule | null;
  build_id: BuildId;
  project_id: ProjectId;
  project: string;
  submitted_by: string;
}

/** Null when there is no such run. */
export async function contextOfRun(db: Db, run_id: RunId): Promise<RunContext | null> {
  const row = await db
    .selectFrom('runs')
    .innerJoin('jobs', 'jobs.id', 'runs.job_id')
    .innerJoin('submissions', 'submissions.id', 'jobs.submission_id')
    .innerJoin('build_names as build', 'build.id', 'jobs.build_id')
    .leftJoin('run_assignments as given', 'given.id', 'runs.assignment_id')
    .select([
      'runs.id as run_id',
      'runs.state',
      'runs.assignment_id',
      'runs.attempt',
      'runs.handouts',
      'given.node_id',
      'runs.request_id',
      'runs.outcome',
      'runs.cancel_requested_at',
      'runs.cancel_reason',
      'runs.results_pending',
      'jobs.id as job_id',
      'jobs.name as job',
      'jobs.expression',
      'jobs.retries',
      'jobs.spec',
      'jobs.hold',
      'jobs.build_id',
      'build.project_id',
      'build.project',
      'submissions.submitted_by',
    ])
    .where('runs.id', '=', run_id)
    .executeTakeFirst();
  if (!row) return null;
  const { cancel_requested_at, ...rest } = row;
  return { ...rest, state: row.state as RunState, cancel_requested: cancel_requested_at !== null };
}

/** A job that comes after another, with what its own jobs-before have come to. */
export interface Dependant {
  run_id: RunId;
  job_id: JobId;
  expression: string;
  submitted_by: string;
  before: EarlierJob[];
}

/** The jobs after this one whose runs still wait, and the last verdict of everything that each of them comes after. */
export async function dependantsOf(tx: Tx, job_id: JobId): Promise<Dependant[]> {
  const { rows } = await sql<Dependant>`
    select runs.id as run_id, jobs.id as job_id, jobs.expression, submissions.submitted_by,
      (select jsonb_agg(jsonb_build_object('job', earlier.name, 'environment', environment.name,
          'verdict', last.verdict, 'reason', last.reason, 'began', last.started_at is not null) order by earlier.id)
        from job_dependencies needs
        join jobs earlier on earlier.id = needs.after_job_id
        join environment_names environment on environment.id = earlier.environment_id
        cross join lateral (select verdict, reason, started_at from runs where job_id = earlier.id order by attempt desc limit 1) last
        where needs.job_id = jobs.id) as before
    from job_dependencies
    join jobs on jobs.id = job_dependencies.job_id
    join submissions on submissions.id = jobs.submission_id
    join runs on runs.job_id = jobs.id and runs.state = 'waiting' and runs.waits_for_node is null
    where job_dependencies.after_job_id = ${job_id} order by runs.id`.execute(tx);
  return rows;
}
