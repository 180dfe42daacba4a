import { sql } from 'kysely';
import type { AssignmentId, NodeId, RunId } from '../../base/ids.ts';
import type { Db } from '../../store/schema/database.ts';

/** Why the reaper looks at a run. Each is checked again, with the run's hand-out, when something is done about it. */
export type DueKind =
  /** The agent was silent for longer than its lease, in time during which we were alive. */
  | 'lease'
  /** Handed out and not acknowledged. */
  | 'acknowledge'
  /** The payload ended and its results are still not read. */
  | 'finish'
  /** Reading its results failed for the last time: its build must not wait for them. */
  | 'unread'
  /** Longer than its timeout and the margin; the agent should have ended it. */
  | 'timeout'
  /** Asked to end, and did not. */
  | 'cancel'
  /** Its machine is being deleted or is gone. */
  | 'node'
  /** A lost run's successor whose machine is gone, or whose agent must have given up. */
  | 'wait'
  /** Its request was refused: no node can ever serve it. */
  | 'refused'
  /** Its request was cancelled, or its time was over. */
  | 'request';

export interface DueRun {
  run_id: RunId;
  assignment_id: AssignmentId | null;
  node_id: NodeId | null;
  kind: DueKind;
  /** For `node`, `refused`, `request` and `unread`: why, in the words of the row that ended. */
  detail: string | null;
}

/** Everything that waited long enough, oldest first; at most `limit`. One look at all live runs, and at dead work. */
export async function dueRuns(db: Db, limit: number): Promise<DueRun[]> {
  const { rows } = await sql<DueRun>`
    select * from (
      select runs.id as run_id, runs.assignment_id, given.node_id,
        case
          when runs.state in ('assigned', 'running') and node.state in ('deleting', 'deleted') then 'node'
          when runs.state = 'assigned' and given.acknowledge_by_alive_ms < alive.alive_ms then 'acknowledge'
          when runs.state = 'running' and runs.cancel_by < groundcrew_now() then 'cancel'
          when runs.state = 'running' and runs.timeout_at_alive_ms < alive.alive_ms then 'timeout'
          when runs.state = 'running' and given.lease_until_alive_ms < alive.alive_ms then 'lease'
          when runs.state = 'finishing' and runs.finish_by_alive_ms < alive.alive_ms then 'finish'
          when runs.state = 'queued' and request.state = 'refused' then 'refused'
          when runs.state = 'queued' and request.state = 'cancelled' then 'request'
          when runs.state = 'waiting' and runs.waits_for_node is not null
            and (runs.waits_until < groundcrew_now() or awaited.state is null or awaited.state = 'deleted') then 'wait'
        end as kind,
        case when runs.state = 'queued' then request.reason else node.end_reason end as detail
      from runs cross join alive_clock alive
      left join run_assignments given on given.id = runs.assignment_id
      left join node_states node on node.id = given.node_id
      left join node_states awaited on awaited.id = runs.waits_for_node
      left join request_states request on request.id = runs.request_id
      where runs.state <> 'finished'
      union all
      select runs.id, runs.assignment_id, given.node_id, 'unread', left(item.error, 500)
      from dead_items item join runs on runs.id = item.key::bigint
      left join run_assignments given on given.id = runs.assignment_id
      where item.lane = 'ingest' and item.kind = 'ingest-run' and runs.results_pending
    ) live where kind is not null order by run_id limit ${limit}`.execute(db);
  return rows;
}
