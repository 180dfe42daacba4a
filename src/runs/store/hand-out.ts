import { sql } from 'kysely';
import type { NodeId, RequestId, RunId } from '../../base/ids.ts';
import { ACKNOWLEDGE_WITHIN_MS, RUN_LEASE_MS } from '../../protocol/agent.ts';
import type { Assignment } from '../../protocol/job.ts';
import type { Db, Tx } from '../../store/schema/database.ts';
import { isSessionRun, type SessionRun } from './session.ts';

/** Beyond the run's own timeout: checkout and upload; then the server ends what the agent should have ended. */
export const TIMEOUT_MARGIN_MS = 300_000;

export interface RunAssignment {
  run_id: RunId;
  node_id: NodeId;
  request_id: RequestId;
}

/**
 * Hands queued runs out: part of the allocator's transaction. Each gets a new fence and 10 s, on the alive clock, in which
 * its agent must acknowledge. Answers those that were still queued; the others keep their state.
 */
export async function assignRuns(tx: Tx, assignments: readonly RunAssignment[]): Promise<RunId[]> {
  if (assignments.length === 0) return [];
  const { rows } = await sql<{ id: RunId }>`
    update runs set state = 'assigned', node_id = given.node_id, request_id = given.request_id,
      fence = runs.fence + 1, handouts = runs.handouts + 1, assigned_at = groundcrew_now(),
      acknowledge_by_alive_ms = alive.alive_ms + ${ACKNOWLEDGE_WITHIN_MS}
    from alive_clock alive, unnest(${assignments.map((given) => given.run_id)}::bigint[], ${assignments.map((given) => given.node_id)}::text[],
      ${assignments.map((given) => given.request_id)}::bigint[]) as given (run_id, node_id, request_id)
    where runs.id = given.run_id and runs.state = 'queued'
    returning runs.id`.execute(tx);
  return rows.map((row) => row.id);
}

/** What a node is to do and has not acknowledged yet, or null. */
export async function assignmentOfNode(db: Db, node_id: NodeId): Promise<Assignment | null> {
  const row = await db
    .selectFrom('runs')
    .innerJoin('jobs', 'jobs.id', 'runs.job_id')
    .select(['runs.id', 'runs.fence', 'jobs.spec'])
    .where('runs.node_id', '=', node_id)
    .where('runs.state', '=', 'assigned')
    .executeTakeFirst();
  return row ? { run_id: row.id, fence: row.fence, spec: row.spec } : null;
}

/** The agent has it: assigned → running, with a lease on the alive clock. False when fence or epoch are not current. */
export async function acknowledgeRun(tx: Tx, at: SessionRun): Promise<boolean> {
  const { rows } = await sql`
    update runs set state = 'running', started_at = groundcrew_now(), acknowledge_by_alive_ms = null,
      lease_until_alive_ms = alive.alive_ms + ${RUN_LEASE_MS},
      timeout_at_alive_ms = alive.alive_ms + (jobs.spec ->> 'timeout_ms')::bigint + ${TIMEOUT_MARGIN_MS}
    from jobs, alive_clock alive
    where jobs.id = runs.job_id and ${isSessionRun(at)} and runs.state = 'assigned'
    returning runs.id`.execute(tx);
  return rows.length === 1;
}

/** The agent lives: its run's lease starts again. Answers the run; null: none is running, or the session is an old one. */
export async function renewRunLease(db: Db, node_id: NodeId, epoch: number): Promise<RunId | null> {
  const { rows } = await sql<{ id: RunId }>`
    update runs set lease_until_alive_ms = alive.alive_ms + ${RUN_LEASE_MS}
    from alive_clock alive
    where runs.node_id = ${node_id} and runs.state = 'running'
      and exists (select 1 from nodes where nodes.id = ${node_id} and nodes.session_epoch = ${epoch})
    returning runs.id`.execute(db);
  return rows[0]?.id ?? null;
}

/**
 * An assignment that nobody acknowledged goes back to the queue: assigned → queued with the next fence, so that a late
 * acknowledgement is refused. False when it was acknowledged meanwhile.
 */
export async function requeueRun(tx: Tx, run_id: RunId, fence: number): Promise<boolean> {
  const { rows } = await sql`
    update runs set state = 'queued', fence = fence + 1, node_id = null, request_id = null, acknowledge_by_alive_ms = null,
      assigned_at = null, queued_at = groundcrew_now()
    where id = ${run_id} and fence = ${fence} and state = 'assigned' returning id`.execute(tx);
  return rows.length === 1;
}
