import { type RawBuilder, sql } from 'kysely';
import type { AssignmentId, JobId, NodeId, RequestId, RunId } from '../../base/ids.ts';
import { AGENT_SILENT_AFTER_MS, RUN_LEASE_MS, type RunOutcome } from '../../protocol/agent.ts';
import type { Db, Tx } from '../../store/schema/database.ts';
import type { RunState, RunVerdict } from '../state.ts';
import { enterState } from './enter.ts';
import { isSessionRun, type SessionRun } from './session.ts';
import { endSteps } from './steps.ts';

/** A payload that ended frees its node within this, results read or not. */
export const FINISH_WITHIN_MS = 60_000;
/** An agent that was told to end its payload has this long; then its node goes. */
export const CANCEL_WITHIN_MS = 60_000;

/** A new run of a job. `waiting` ones name what they wait for through the job's dependencies or `waits_for_node`. */
export async function insertRun(
  tx: Tx,
  run: { job_id: JobId; attempt: number; state: 'waiting' | 'queued' },
): Promise<RunId> {
  const { rows } = await sql<{ id: RunId }>`
    insert into runs (job_id, attempt, state, queued_at)
    values (${run.job_id}, ${run.attempt}, ${run.state}, case when ${run.state} = 'queued' then groundcrew_now() end)
    returning id`.execute(tx);
  return (rows[0] as { id: RunId }).id;
}

/** The first runs of many jobs, by one statement: their ids in the order of the jobs. */
export async function insertFirstRuns(
  tx: Tx,
  runs: readonly { job_id: JobId; state: 'waiting' | 'queued' }[],
): Promise<RunId[]> {
  const rows = runs.map((run, ordinal) => ({ ...run, ordinal }));
  const answer = await sql<{ id: RunId; job_id: JobId }>`
    insert into runs (job_id, attempt, state, queued_at)
    select job_id, 1, state, case when state = 'queued' then groundcrew_now() end
    from json_to_recordset(${JSON.stringify(rows)}::json) as given (ordinal int, job_id bigint, state text)
    order by ordinal returning id, job_id`.execute(tx);
  const ids = new Map(answer.rows.map((row) => [row.job_id, row.id]));
  return runs.map((run) => ids.get(run.job_id) as RunId);
}

/** The requests that will give queued runs their nodes. */
export async function setRunRequests(
  tx: Tx,
  given: readonly { run_id: RunId; request_id: RequestId }[],
): Promise<void> {
  if (given.length === 0) return;
  await sql`
    update runs set request_id = given.request_id
    from unnest(${given.map((each) => each.run_id)}::bigint[], ${given.map((each) => each.request_id)}::bigint[])
      as given (run_id, request_id)
    where runs.id = given.run_id`.execute(tx);
}

/** A lost run's successor starts when this machine is gone, or when its agent must have ended its payload. */
export async function setRunWait(tx: Tx, run_id: RunId, node_id: NodeId, wait_ms: number): Promise<void> {
  await sql`
    update runs set waits_for_node = ${node_id}, waits_until = groundcrew_now() + ${wait_ms} * interval '1 ms'
    where id = ${run_id} and state = 'waiting'`.execute(tx);
}

/** waiting → queued; false when it is not waiting any more. */
export async function queueWaitingRun(tx: Tx, run_id: RunId): Promise<boolean> {
  const { rows } = await sql`
    update runs set ${enterState('queued')}
    where id = ${run_id} and state = 'waiting' returning id`.execute(tx);
  return rows.length === 1;
}

/** The payload ended: running → finishing, with the agent's words kept. False when fence or epoch are not current. */
export async function beginFinishing(tx: Tx, at: SessionRun, outcome: RunOutcome): Promise<boolean> {
  const { rows } = await sql`
    update runs set ${enterState('finishing')}, outcome = ${JSON.stringify(outcome)}::jsonb,
      finish_by_alive_ms = alive.alive_ms + ${FINISH_WITHIN_MS}, results_pending = true
    from alive_clock alive where ${isSessionRun(at)} and runs.state = 'running' returning runs.id`.execute(tx);
  return rows.length === 1;
}

/** The run's node waits no longer for its results, and the run goes on waiting. False when that was done, or it ended. */
export async function endFreeze(tx: Tx, run_id: RunId, assignment_id: AssignmentId | null): Promise<boolean> {
  const { rows } = await sql`
    update runs set finish_by_alive_ms = null
    where id = ${run_id} and ${isGiven(assignment_id)} and state = 'finishing' and finish_by_alive_ms is not null
    returning id`.execute(tx);
  return rows.length === 1;
}

/** How long the agent of a running run was not heard of, by the lease that its words renew; none for a short while. */
const SILENCE = sql`coalesce((select alive.alive_ms - given.lease_until_alive_ms + ${RUN_LEASE_MS}
  from run_assignments given where given.id = runs.assignment_id
    and alive.alive_ms - given.lease_until_alive_ms + ${RUN_LEASE_MS} > ${AGENT_SILENT_AFTER_MS}), 0) * interval '1 ms'`;

/**
 * The one place where a verdict is written, and with it the end of every step that nobody ended. It happens once: from
 * one of the named states, with this hand-out, and false when somebody else was first. A payload whose end nobody told
 * ended, for all that is known, when its agent was last heard of.
 */
export async function writeVerdict(
  tx: Tx,
  end: {
    run_id: RunId;
    assignment_id: AssignmentId | null;
    from: readonly RunState[];
    verdict: RunVerdict;
    reason: string;
  },
): Promise<boolean> {
  const { rows } = await sql`
    update runs set ${enterState('finished')}, verdict = ${end.verdict}, reason = ${end.reason},
      ended_at = coalesce(ended_at, greatest(started_at, groundcrew_now() - ${SILENCE}))
    from alive_clock alive
    where runs.id = ${end.run_id} and ${isGiven(end.assignment_id)} and state = any(${end.from}::text[])
    returning runs.id`.execute(tx);
  if (rows.length === 0) return false;
  // A statement of its own: it sees also a step that came while the one above waited for the run's row.
  await endSteps(tx, end.run_id);
  return true;
}

/** The result files were read, or cannot be; `problem` keeps what was wrong with them. */
export async function settleResults(tx: Tx, run_id: RunId, problem: string | null): Promise<void> {
  await tx
    .updateTable('runs')
    .set({ results_pending: false, results_problem: problem })
    .where('id', '=', run_id)
    .execute();
}

/** A running run is asked to end, with a deadline. False when it is not running, or was asked before. */
export async function requestCancel(
  tx: Tx,
  run_id: RunId,
  assignment_id: AssignmentId | null,
  reason: string,
): Promise<boolean> {
  const { rows } = await sql`
    update runs set cancel_requested_at = groundcrew_now(), cancel_reason = ${reason},
      cancel_by = groundcrew_now() + ${CANCEL_WITHIN_MS} * interval '1 ms'
    where id = ${run_id} and ${isGiven(assignment_id)} and state = 'running' and cancel_requested_at is null
    returning id`.execute(tx);
  return rows.length === 1;
}

export interface RunNow {
  state: RunState;
  /** Null, as the node: it is not handed out. */
  fence: number | null;
  node_id: NodeId | null;
  verdict: RunVerdict | null;
  /** Has its agent said how it ended? */
  ended: boolean;
  cancel_requested: boolean;
  cancel_reason: string | null;
}

/** The run's state and fence as they are now, or null when there is no such run. */
export async function stateOfRun(db: Db, run_id: RunId): Promise<RunNow | null> {
  const { rows } = await sql<RunNow>`
    select runs.state, given.fence, given.node_id, verdict, outcome is not null as ended,
      cancel_requested_at is not null as cancel_requested, cancel_reason
    from runs left join run_assignments given on given.id = runs.assignment_id where runs.id = ${run_id}`.execute(db);
  return rows[0] ?? null;
}

/** What the node runs now. */
export async function runningRunsOf(
  db: Db,
  node_id: NodeId,
): Promise<{ run_id: RunId; assignment_id: AssignmentId; fence: number }[]> {
  return await db
    .selectFrom('live_assignments as given')
    .innerJoin('runs', 'runs.assignment_id', 'given.id')
    .select(['runs.id as run_id', 'given.id as assignment_id', 'given.fence'])
    .where('given.node_id', '=', node_id)
    .where('runs.state', '=', 'running')
    .orderBy('given.slot')
    .execute();
}

/** Condition over `runs`: this is its last hand-out still; null: it is not handed out. */
function isGiven(assignment_id: AssignmentId | null): RawBuilder<boolean> {
  return sql<boolean>`runs.assignment_id is not distinct from ${assignment_id}::bigint`;
}
