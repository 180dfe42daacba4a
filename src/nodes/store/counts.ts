import { sql } from 'kysely';
import type { Db } from '../../store/schema/database.ts';
import type { NodeState } from '../state.ts';

// The statements that planner, fleet role, allocator and agents use are in `store/`, a file a question.

/** Live nodes by provider and state. */
export async function countNodesByState(db: Db): Promise<{ provider: string; state: NodeState; count: number }[]> {
  const { rows } = await sql<{ provider: string; state: NodeState; count: number }>`
    select provider, state, count(*)::int as count from nodes where state <> 'deleted' group by 1, 2 order by 1, 2
    `.execute(db);
  return rows;
}
