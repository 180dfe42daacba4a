import { sql } from 'kysely';
import type { NodeId } from '../../base/ids.ts';
import type { NodeFacts } from '../../protocol/agent.ts';
import type { Db } from '../../store/schema/database.ts';

/** What the agent says about its machine with its first word. Nothing happens when a newer session speaks for the node. */
export async function saveFacts(db: Db, id: NodeId, epoch: number, facts: NodeFacts): Promise<void> {
  await sql`
    update nodes set facts = ${JSON.stringify(facts)}::jsonb
    where id = ${id} and session_epoch = ${epoch}`.execute(db);
}
