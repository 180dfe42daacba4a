import { sql } from 'kysely';
import type { Db } from '../../store/schema/database.ts';
import { inAnyState } from '../../store/testing/states.ts';

/** A run that has, or had, this node: by hand, for tests of what is read. */
export async function giveRun(
  db: Db,
  run_id: number,
  node_id: string,
  { ended = false, fence = 1, epoch = 1 }: { ended?: boolean; fence?: number; epoch?: number } = {},
): Promise<void> {
  await inAnyState(db, (tx) =>
    sql`
    with given as (
      insert into assignments (node_id, kind, subject, fence, epoch, state, ended_at)
      values (${node_id}, 'run', ${run_id}, ${fence}, ${epoch}, case when ${ended} then 'ended' else 'active' end,
        case when ${ended} then groundcrew_now() end)
      returning id
    )
    update runs set assignment_id = given.id from given where runs.id = ${run_id}`.execute(tx),
  );
}
