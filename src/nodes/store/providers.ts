import { sql } from 'kysely';
import type { Db, Tx } from '../../store/schema/database.ts';

/** A provider as a configuration has it, with references in place of secrets. */
export interface ProviderRow {
  name: string;
  driver: string;
  written: Readonly<Record<string, unknown>>;
}

/**
 * Writes which providers are configured; the others are on their way out from now on. So is one whose row has another
 * driver: its machines are that driver's, and the row stays until they are gone.
 */
export async function writeProviders(tx: Tx, configured: readonly ProviderRow[]): Promise<void> {
  await sql`
    insert into providers (name, driver, written)
    select name, driver, written from json_to_recordset(${JSON.stringify(configured)}::json)
      as given (name text, driver text, written jsonb) order by name
    on conflict (name) do update set driver = excluded.driver, written = excluded.written, removed_at = null,
      configured_at = excluded.configured_at
      where providers.driver = excluded.driver`.execute(tx);
  await sql`
    update providers set removed_at = groundcrew_now()
    where removed_at is null and not exists (
      select 1 from json_to_recordset(${JSON.stringify(configured)}::json) as given (name text, driver text)
      where given.name = providers.name and given.driver = providers.driver)`.execute(tx);
}

/**
 * Ends the rows of providers that no configuration has and that have nothing of ours any more: no node, no leak, and a
 * look after the last of its nodes was gone found none of ours there. One that never made a node needs no look.
 */
export async function endProviders(db: Db): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    delete from providers gone
    where removed_at is not null
      and not exists (select 1 from nodes where provider = gone.name and state <> 'deleted')
      and not exists (select 1 from leaks where provider = gone.name and destroyed_at is null)
      and (
        exists (select 1 from provider_status looked where looked.provider = gone.name and looked.fault is null
          and looked.machines = looked.strangers
          and looked.listed_at > greatest(gone.removed_at,
            (select max(deleted_at) from nodes where provider = gone.name)))
        or not exists (select 1 from nodes where provider = gone.name)
          and not exists (select 1 from provider_status looked where looked.provider = gone.name
            and looked.listed_at is not null and looked.machines > looked.strangers))
    returning name`.execute(db);
  return rows.map(({ name }) => name);
}

/** All of them, with those that are on their way out. */
export async function readProviders(db: Db): Promise<ProviderRow[]> {
  const { rows } = await sql<ProviderRow>`select name, driver, written from providers order by name`.execute(db);
  return rows;
}
