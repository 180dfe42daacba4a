import { sql } from 'kysely';
import type { Db } from '../../store/schema/database.ts';

/** As long as the nodes that they were of are kept for people to look at. */
const KEPT_DAYS = 14;

/**
 * Forgets assignments that ended long ago and that no run names: those taken back, and those of no run. Answers how many;
 * fewer than `most`: no more there are.
 */
export async function pruneAssignments(db: Db, most: number): Promise<number> {
  const { rows } = await sql`
    delete from assignments where id in (
      select id from assignments
      where (state = 'taken_back' or (state = 'ended' and kind <> 'run'))
        and ended_at < groundcrew_now() - ${KEPT_DAYS} * interval '1 day'
      limit ${most})
    returning id`.execute(db);
  return rows.length;
}
