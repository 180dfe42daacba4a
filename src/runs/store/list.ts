import type { BuildId, NodeId, RequestId, RunId, SubmissionId } from '../../base/ids.ts';
import type { Db } from '../../store/schema/database.ts';
import type { RunState, RunVerdict } from '../state.ts';

/** A run as lists show it. */
export interface RunRow {
  id: RunId;
  project: string;
  build: string;
  build_id: BuildId;
  submission_id: SubmissionId;
  job: string;
  environment: string;
  attempt: number;
  state: RunState;
  verdict: RunVerdict | null;
  reason: string | null;
  node_id: NodeId | null;
  /** Is its node held now? */
  held: boolean;
  request_id: RequestId | null;
  created_at: Date;
  queued_at: Date | null;
  assigned_at: Date | null;
  started_at: Date | null;
  ended_at: Date | null;
  finished_at: Date | null;
}

export interface RunFilter {
  project?: string | undefined;
  build?: string | undefined;
  build_id?: BuildId | undefined;
  environment?: string | undefined;
  job?: string | undefined;
  node_id?: string | undefined;
  states?: readonly string[] | undefined;
  verdicts?: readonly string[] | undefined;
  run_ids?: readonly RunId[] | undefined;
}

/** Newest first; `before` is the last run of the page before. */
export async function listRuns(
  db: Db,
  filter: RunFilter,
  page: { before: number | null; limit: number },
): Promise<RunRow[]> {
  let query = selectRuns(db).orderBy('runs.id', 'desc').limit(page.limit);
  if (page.before !== null) query = query.where('runs.id', '<', page.before as RunId);
  if (filter.project !== undefined) query = query.where('build.project', '=', filter.project);
  if (filter.build !== undefined) query = query.where('build.version', '=', filter.build);
  if (filter.build_id !== undefined) query = query.where('jobs.build_id', '=', filter.build_id);
  if (filter.environment !== undefined) query = query.where('environment.name', '=', filter.environment);
  if (filter.job !== undefined) query = query.where('jobs.name', '=', filter.job);
  if (filter.node_id !== undefined) query = query.where('given.node_id', '=', filter.node_id as NodeId);
  if (filter.states !== undefined) query = query.where('runs.state', 'in', nonEmpty(filter.states));
  if (filter.verdicts !== undefined) query = query.where('runs.verdict', 'in', nonEmpty(filter.verdicts));
  if (filter.run_ids !== undefined) {
    query = query.where('runs.id', 'in', filter.run_ids.length === 0 ? [0 as RunId] : filter.run_ids);
  }
  return (await query.execute()) as RunRow[];
}

// An empty list means that nothing fits, which SQL cannot say with "in ()".
function nonEmpty(values: readonly string[]): readonly string[] {
  return values.length === 0 ? [''] : values;
}

/** One run as lists show it, or null. */
export async function findRun(db: Db, run_id: RunId): Promise<RunRow | null> {
  const row = await selectRuns(db).where('runs.id', '=', run_id).executeTakeFirst();
  return (row as RunRow | undefined) ?? null;
}

function selectRuns(db: Db) {
  return db
    .selectFrom('runs')
    .innerJoin('jobs', 'jobs.id', 'runs.job_id')
    .innerJoin('build_names as build', 'build.id', 'jobs.build_id')
    .innerJoin('environment_names as environment', 'environment.id', 'jobs.environment_id')
    .leftJoin('run_assignments as given', 'given.id', 'runs.assignment_id')
    .select((select) => [
      'runs.id',
      'build.project',
      'build.version as build',
      'jobs.build_id',
      'jobs.submission_id',
      'jobs.name as job',
      'environment.name as environment',
      'runs.attempt',
      'runs.state',
      'runs.verdict',
      'runs.reason',
      'given.node_id',
      select
        .exists(select.selectFrom('live_holds').select('live_holds.id').whereRef('live_holds.run_id', '=', 'runs.id'))
        .$castTo<boolean>()
        .as('held'),
      'runs.request_id',
      'runs.created_at',
      'runs.queued_at',
      'runs.assigned_at',
      'runs.started_at',
      'runs.ended_at',
      'runs.finished_at',
    ]);
}
