import type pg from 'pg';
import { MIGRATIONS_TABLE } from './archive/tables.ts';

/**
 * What is there before the first migration, in the caller's session: the table of those that were applied, and the one
 * function that every statement asks for the time. An import's statements ask it as well, whatever version its schema is.
 *
 * The function is the database's own clock, and the planner puts that in its place. It reads no setting and no table, so
 * nothing moves time by accident; a test gives it another body (`testing/driven-time.ts`), which stays.
 */
export async function makeFirstThings(client: pg.Client): Promise<void> {
  await client.query(
    `create table if not exists ${MIGRATIONS_TABLE} (
       name text primary key,
       applied_at timestamptz not null default clock_timestamp()
     )`,
  );
  const found = await client.query<{ found: boolean }>(
    `select to_regprocedure('groundcrew_now()') is not null as found`,
  );
  if (found.rows[0]?.found === true) return;
  await client.query(
    `create function groundcrew_now() returns timestamptz language sql volatile parallel safe return clock_timestamp()`,
  );
}
