import { sql } from 'kysely';
import { MIGRATIONS } from '../migrations/all.ts';
import type { Db, Tx } from '../schema/database.ts';
import { type StateRules, stateTriggerSql } from '../state-trigger.ts';

/**
 * Puts rows in states to which no move leads from where they are: for a test that begins in the middle. One transaction
 * in which no trigger looks, references included.
 */
export async function inAnyState<Result>(db: Db, work: (tx: Tx) => Promise<Result>): Promise<Result> {
  return await db.transaction().execute(async (tx) => {
    await sql`set local session_replication_role = replica`.execute(tx);
    return await work(tx);
  });
}

/**
 * Null when a migrated database enforces exactly these rules, else what to do. What is compared is what PostgreSQL
 * understood, before and after the text of today was carried out in a transaction that is undone.
 */
export async function stateTriggerProblem(db: Db, rules: StateRules): Promise<string | null> {
  const text = stateTriggerSql(rules);
  const { before, after } = await db.transaction().execute(async (tx) => {
    const before = await triggersOf(tx, rules.table);
    await sql`savepoint before`.execute(tx);
    await sql.raw(text).execute(tx);
    const after = await triggersOf(tx, rules.table);
    await sql`rollback to savepoint before`.execute(tx);
    return { before, after };
  });
  if (before === after) return null;
  const next = String(MIGRATIONS.length + 1).padStart(4, '0');
  return `The database does not enforce the states of ${rules.table} as its state.ts has them. Add a migration to
src/store/migrations/ (${next}-NAME.ts, and its line in all.ts) with this text as it is:

${text}`;
}

async function triggersOf(tx: Tx, table: string): Promise<string> {
  const { rows } = await sql<{ trigger: string; body: string }>`
    select pg_get_triggerdef(pg_trigger.oid) as trigger, prosrc as body
    from pg_trigger join pg_proc on pg_proc.oid = tgfoid
    where tgrelid = ${table}::regclass and not tgisinternal order by tgname`.execute(tx);
  return JSON.stringify(rows);
}
