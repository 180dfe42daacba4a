import { sql } from 'kysely';
import type { RunId } from '../../base/ids.ts';
import type { Db } from '../../store/schema/database.ts';

/** Those of the keys that no submission names. */
export async function unnamedCheckouts(db: Db, keys: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    select key from unnest(${keys}::text[]) as key
    where not exists (select 1 from submissions where checkout_blob = key)`.execute(db);
  return rows.map(({ key }) => key);
}

/** An object that belongs to a run. */
export interface RunObject {
  run_id: RunId;
  key: string;
}

/** Those of the objects that no file of their run names, when that run is over: nothing will name them any more. */
export async function unnamedRunObjects(db: Db, objects: readonly RunObject[]): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    select key from json_to_recordset(${JSON.stringify(objects)}::json) as object (run_id bigint, key text)
    join runs on runs.id = object.run_id and runs.state = 'finished'
    where not exists (select 1 from artifacts where artifacts.run_id = object.run_id and blob = key)`.execute(db);
  return rows.map(({ key }) => key);
}
