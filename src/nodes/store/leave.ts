import type { ImportConnection } from '../../store/import.ts';
import { CLEARED } from './enter.ts';

const REASON = 'it belongs to the deployment that the backup was made of';
/** What a deleted node has no more, and the columns that had the tokens' hashes before. */
const CLEARED_COLUMNS = [
  ...(CLEARED.deleted ?? []),
  ...['deadline', 'deadline_alive_ms', 'registration_hash', 'earlier_registration_hash'],
];

/**
 * The machines behind imported rows are another deployment's: here every node is deleted and every hold is over, so that
 * nothing is given out that is not there, and nothing counts against a limit. Their runs and requests follow by the
 * usual rules, as those of any machine that is gone. For exports as old as the first table of nodes: hence no
 * `enterState`. No state is left out by it: an import has the triggers off, since there is nothing to delete here.
 */
export async function leaveNodes(client: ImportConnection): Promise<void> {
  const { rows } = await client.query(`select to_regclass('public.nodes') is not null as there`);
  if (rows[0]?.there !== true) return;
  await leaveProviders(client);
  await client.query(`
    update holds set released_at = groundcrew_now(), released_by = 'import' where released_at is null`);
  const cleared = await columnsThere(client, CLEARED_COLUMNS);
  await client.query(
    `with left_behind as (
      update nodes set state = 'deleted', version = version + 1, claim = claim + 1, end_reason = $1,
        state_since = groundcrew_now(), deleted_at = groundcrew_now(), attempts = 0,
        ${cleared.map((column) => `${column} = null`).join(', ')}
      where state <> 'deleted' returning id
    )
    insert into node_events (node_id, state, reason, actor) select id, 'deleted', $1, 'import' from left_behind`,
    [REASON],
  );
}

/** They say how another deployment reaches its machines: here none is opened by them. */
async function leaveProviders(client: ImportConnection): Promise<void> {
  const { rows } = await client.query(`select to_regclass('public.providers') is not null as there`);
  if (rows[0]?.there === true) await client.query('delete from providers');
}

/** Those of the columns that the table has which the export was made with. */
async function columnsThere(client: ImportConnection, columns: readonly string[]): Promise<string[]> {
  const { rows } = await client.query(
    `select attname from pg_attribute
     where attrelid = 'public.nodes'::regclass and not attisdropped and attname = any($1)`,
    [columns],
  );
  return rows.map(({ attname }) => String(attname));
}
