import { type RawBuilder, sql } from 'kysely';
import type { Db } from './schema/database.ts';

/** Holding a lease: the epoch goes into every compare-and-set done under it. */
export interface Lease {
  readonly epoch: number;
}

/** So long from now, by the database's clock. */
export function inFuture(duration_ms: number): RawBuilder<Date> {
  return sql<Date>`groundcrew_now() + ${duration_ms} * interval '1 millisecond'`;
}

/**
 * Takes a name that nobody holds any more; each taking bumps the epoch. `holder` is unique to a process. Null when
 * another holds it. Time is the database's alone.
 */
export async function takeLease(db: Db, name: string, holder: string, ttl_ms: number): Promise<Lease | null> {
  const until = inFuture(ttl_ms);
  const row = await db
    .insertInto('leases')
    .values({ name, holder, epoch: 1, expires_at: until })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet({ holder, epoch: sql`leases.epoch + 1`, expires_at: until })
        .where((where) =>
          where.or([where('leases.expires_at', '<', sql<Date>`groundcrew_now()`), where('leases.holder', '=', holder)]),
        ),
    )
    .returning('epoch')
    .executeTakeFirst();
  return row ?? null;
}

/** False when another has taken it meanwhile: stop at once, and take nothing further under that epoch. */
export async function renewLease(
  db: Db,
  name: string,
  holder: string,
  epoch: number,
  ttl_ms: number,
): Promise<boolean> {
  const result = await db
    .updateTable('leases')
    .set({ expires_at: inFuture(ttl_ms) })
    .where('name', '=', name)
    .where('holder', '=', holder)
    .where('epoch', '=', epoch)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/**
 * Ends every lease: for a process that knows it is alone, as with a database of its own. Who still believes to hold one
 * is refused by its epoch as soon as another takes it.
 */
export async function endEveryLease(db: Db): Promise<void> {
  await db.updateTable('leases').set({ expires_at: sql<Date>`'-infinity'::timestamptz` }).execute();
}

/** Gives a lease back, so that another may take it at once. */
export async function releaseLease(db: Db, name: string, holder: string, epoch: number): Promise<void> {
  await db
    .updateTable('leases')
    .set({ expires_at: sql<Date>`'-infinity'::timestamptz` })
    .where('name', '=', name)
    .where('holder', '=', holder)
    .where('epoch', '=', epoch)
    .execute();
}
