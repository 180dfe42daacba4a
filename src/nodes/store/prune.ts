import { sql } from 'kysely';
import type { Db } from '../../store/schema/database.ts';

/** Deleted nodes, and what happened to them, are kept this long for people to look at. */
export const KEPT_DAYS = 14;

/**
 * Forgets events of nodes that were deleted long ago, the oldest first. Answers how many; fewer than `most`: no more
 * there are. Also events of nodes that are kept, since a run that names its node needs the node alone.
 */
export async function pruneEvents(db: Db, most: number): Promise<number> {
  const { rows } = await sql`
    delete from node_events where id in (
      select event.id from nodes join node_events event on event.node_id = nodes.id
      where nodes.state = 'deleted' and nodes.deleted_at < groundcrew_now() - ${KEPT_DAYS} * interval '1 day'
      limit ${most})
    returning id`.execute(db);
  return rows.length;
}

/**
 * Forgets nodes that were deleted long ago and whose events are forgotten. One that an assignment or a hold names stays as long
 * as they do: a run's page says where it ran. Answers how many.
 */
export async function pruneNodes(db: Db, most: number): Promise<number> {
  const { rows } = await sql`
    delete from nodes where id in (
      select id from nodes
      where state = 'deleted' and deleted_at < groundcrew_now() - ${KEPT_DAYS} * interval '1 day'
        and not exists (select 1 from node_assignments given where given.node_id = nodes.id)
        and not exists (select 1 from holds where holds.node_id = nodes.id)
        and not exists (select 1 from node_events where node_events.node_id = nodes.id)
      limit ${most} for update skip locked)
    returning id`.execute(db);
  return rows.length;
}
