import { sql } from 'kysely';
import type { NodeId } from '../../base/ids.ts';
import type { Db } from '../../store/schema/database.ts';

/** Runs that are looked at, the newest: what was usual before may be so no more. */
const RECENT = 500;
/** Fewer runs than this tell nothing of what is usual. */
const LEAST = 3;

/** How long runs usually keep their node (median of late ones that had their say), by what they asked for. */
export async function usualRunLengths(db: Db): Promise<Map<string, number>> {
  const { rows } = await sql<{ expression: string; length_ms: number }>`
    select jobs.expression,
      percentile_cont(0.5) within group (order by extract(epoch from finished_at - assigned_at))::float8 * 1000 as length_ms
    from (select job_id, assigned_at, finished_at from runs
      where state = 'finished' and started_at is not null and verdict in ('passed', 'failed', 'timeout')
      order by id desc limit ${RECENT}) recent
    join jobs on jobs.id = recent.job_id
    group by 1 having count(*) >= ${LEAST}`.execute(db);
  return new Map(rows.map(({ expression, length_ms }) => [expression, length_ms]));
}

/** The runs that have a node now: what they asked for, and how long they have had it. */
export async function runsInUse(db: Db): Promise<{ node_id: NodeId; expression: string; used_ms: number }[]> {
  const { rows } = await sql<{ node_id: NodeId; expression: string; used_ms: number }>`
    select given.node_id, jobs.expression, extract(epoch from groundcrew_now() - runs.assigned_at)::float8 * 1000 as used_ms
    from live_assignments given join runs on runs.assignment_id = given.id join jobs on jobs.id = runs.job_id`.execute(
    db,
  );
  return rows;
}
