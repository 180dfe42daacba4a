import { sql } from 'kysely';
import type { NodeId } from '../../base/ids.ts';
import type { Db } from '../../store/schema/database.ts';

/** Late words about what ended are known for what they are for this long. */
const REMEMBERED = '1 day';

/**
 * The node's newest session speaks for all that the node was given: from here on, words of an older connection are
 * void. Two connections at once may come here in any order: the newer one stays.
 */
export async function takeAssignmentsAlong(db: Db, node_id: NodeId, epoch: number): Promise<void> {
  await sql`
    update assignments set epoch = ${epoch}
    where node_id = ${node_id} and epoch < ${epoch}
      and (state in ('offered', 'active') or ended_at > groundcrew_now() - ${REMEMBERED}::interval)`.execute(db);
}
