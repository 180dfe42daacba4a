import type { ImportSession } from '../../store/import.ts';

const REASON = 'it belongs to the deployment that the backup was made of';

/**
 * The machines behind imported rows are another deployment's: here every node is deleted and every hold is over, so that
 * nothing is given out that is not there, and nothing counts against a limit. Their runs and requests follow by the
 * usual rules, as those of any machine that is gone. For exports as old as the first table of nodes.
 */
export async function leaveNodes(client: ImportSession): Promise<void> {
  const { rows } = await client.query(`select to_regclass('public.nodes') is not null as there`);
  if (rows[0]?.there !== true) return;
  await client.query(`
    update holds set released_at = groundcrew_now(), released_by = 'import' where released_at is null`);
  const spent = await tokenColumns(client);
  await client.query(
    `with left_behind as (
      update nodes set state = 'deleted', version = version + 1, claim = claim + 1, end_reason = $1,
        state_since = groundcrew_now(), deleted_at = groundcrew_now(), deadline = null, step = null, attempts = 0,
        ${spent.map((column) => `${column} = null, `).join('')}session_hash = null
      where state <> 'deleted' returning id
    )
    insert into node_events (node_id, state, reason, actor) select id, 'deleted', $1, 'import' from left_behind`,
    [REASON],
  );
}

/** Where the table that the export was made with has the hashes of tokens. */
async function tokenColumns(client: ImportSession): Promise<string[]> {
  const { rows } = await client.query(`
    select attname from pg_attribute where attrelid = 'public.nodes'::regclass and not attisdropped
      and attname in ('registration_hash', 'earlier_registration_hash', 'registration_hashes')`);
  return rows.map(({ attname }) => String(attname));
}
