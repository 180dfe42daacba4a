import { sql } from 'kysely';
import type { Db } from '../../store/schema/database.ts';
import type { Lane } from '../contract.ts';

/** What a look at the whole queue found. */
export interface DueWork {
  /** The lanes that have items to be claimed now. */
  readonly lanes: readonly Lane[];
  /** Leases have lapsed: somebody should free what dead workers held. */
  readonly lapsed: boolean;
}

/** Lets every lease lapse now: for a process that knows it is alone, as with a database of its own. */
export async function lapseEveryLease(db: Db): Promise<void> {
  await sql`update work_items set lease_until = groundcrew_now() where state = 'running'`.execute(db);
}

/**
 * What there is to do for a worker with these lanes and kinds, in one statement, since every worker asks each second.
 * Planned each time: a plan kept from an empty queue reads all of a full one.
 */
export async function lookForWork(db: Db, lanes: readonly Lane[], kinds: readonly string[]): Promise<DueWork> {
  const answer = await sql<DueWork>`
    select exists (select from work_items where state = 'running' and lease_until < (select groundcrew_now())) as lapsed,
      array(select asked.lane from unnest(${lanes}::text[]) as asked (lane)
             where exists (select from work_items item
                            where item.state = 'waiting' and item.lane = asked.lane and item.kind = any(${kinds}::text[])
                              and item.run_at <= (select groundcrew_now()))) as lanes`.execute(db);
  return answer.rows[0] ?? { lanes: [], lapsed: false };
}
