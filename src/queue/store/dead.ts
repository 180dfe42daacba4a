import { sql } from 'kysely';
import type { WorkItemId } from '../../base/ids.ts';
import type { Db } from '../../store/schema/database.ts';

/** An item that is not tried again by itself. */
export interface DeadItem {
  id: WorkItemId;
  lane: string;
  kind: string;
  key: string;
  failures: number;
  interruptions: number;
  error: string | null;
  died_at: Date | null;
}

/** Dead items, newest first; `before` pages on. */
export async function listDead(db: Db, limit: number, before?: WorkItemId): Promise<DeadItem[]> {
  let query = db
    .selectFrom('work_items')
    .select(['id', 'lane', 'kind', 'key', 'failures', 'interruptions', 'error', 'died_at'])
    .where('state', '=', 'dead')
    .orderBy('id', 'desc')
    .limit(limit);
  if (before !== undefined) query = query.where('id', '<', before);
  return query.execute();
}

/** Somebody mended the cause: tried again at once, from its checkpoint. False when there is no such dead item. */
export async function retryDead(db: Db, id: WorkItemId): Promise<boolean> {
  const answer = await sql`
    with revived as (
      update work_items
         set state = 'waiting', failures = 0, lapses = 0, died_at = null, run_at = groundcrew_now()
       where id = ${id} and state = 'dead' returning lane)
    select pg_notify('groundcrew_queue', lane) from revived`.execute(db);
  return answer.rows.length === 1;
}
