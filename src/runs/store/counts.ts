import { sql } from 'kysely';
import type { Db } from '../../store/schema/database.ts';
import type { RunState } from '../state.ts';

/** How many runs are in each state that is not the last. */
export async function countRunsByState(db: Db): Promise<{ state: RunState; count: number }[]> {
  const { rows } = await sql<{ state: RunState; count: number }>`
    select state, count(*)::int as count from runs where state <> 'finished' group by state order by state`.execute(db);
  return rows;
}
