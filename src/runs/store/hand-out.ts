import { sql } from 'kysely';
import type { AssignmentId, NodeId, RequestId, RunId } from '../../base/ids.ts';
import type { Assignment } from '../../protocol/job.ts';
import type { Db, Tx } from '../../store/schema/database.ts';
import { enterState } from './enter.ts';
import { isSessionRun, type SessionRun } from './session.ts';

/** Beyond the run's own timeout: checkout and upload; then the server ends what the agent should have ended. */
export const TIMEOUT_MARGIN_MS = 300_000;

export interface RunAssignment {
  run_id: RunId;
  assignment_id: AssignmentId;
  request_id: RequestId;
}

/**
 * Queued runs are handed out, as these assignments say: part of the allocator's transaction. Answers those that were
 * still queued; the others keep their state.
 */
export async function assignRuns(tx: Tx, assignments: readonly RunAssignment[]): Promise<RunId[]> {
  if (assignments.length === 0) return [];
  const { rows } = await sql<{ id: RunId }>`
    update runs set ${enterState('assigned')}, assignment_id = given.assignment_id,
      request_id = given.request_id, handouts = runs.handouts + 1
    from unnest(${assignments.map((given) => given.run_id)}::bigint[],
      ${assignments.map((given) => given.assignment_id)}::bigint[],
      ${assignments.map((given) => given.request_id)}::bigint[]) as given (run_id, assignment_id, request_id)
    where runs.id = given.run_id and runs.state = 'queued'
    returning runs.id`.execute(tx);
  return rows.map((row) => row.id);
}

/** The runs that a node is to do and has not acknowledged yet, by slot. */
export async function runsOfferedTo(db: Db, node_id: NodeId): Promise<Assignment[]> {
  return await db
    .selectFrom('live_assignments as given')
    .innerJoin('runs', 'runs.assignment_id', 'given.id')
    .innerJoin('jobs', 'jobs.id', 'runs.job_id')
    .select(['given.id as assignment_id', 'given.slot', 'runs.id as run_id', 'given.fence', 'jobs.spec'])
    .where('given.node_id', '=', node_id)
    .where('given.state', '=', 'offered')
    .orderBy('given.slot')
    .execute();
}

/** The agent has it: assigned → running, with its end on the alive clock. False when fence or epoch are not current. */
export async function acknowledgeRun(tx: Tx, at: SessionRun): Promise<boolean> {
  const { rows } = await sql`
    update runs set ${enterState('running')},
      timeout_at_alive_ms = alive.alive_ms + (jobs.spec ->> 'timeout_ms')::bigint + ${TIMEOUT_MARGIN_MS}
    from jobs, alive_clock alive
    where jobs.id = runs.job_id and ${isSessionRun(at)} and runs.state = 'assigned'
    returning runs.id`.execute(tx);
  return rows.length === 1;
}

/** A run that nobody acknowledged goes back to the queue: assigned → queued. False when it was acknowledged meanwhile. */
export async function requeueRun(tx: Tx, run_id: RunId, assignment_id: AssignmentId): Promise<boolean> {
  const { rows } = await sql`
    update runs set ${enterState('queued')}
    where id = ${run_id} and assignment_id = ${assignment_id} and state = 'assigned' returning id`.execute(tx);
  return rows.length === 1;
}
