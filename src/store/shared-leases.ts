import { sql } from 'kysely';
import { withTransactionLock } from './advisory.ts';
import { inFuture } from './leases.ts';
import type { Db } from './schema/database.ts';

/** Renews what was joined, while it has not lapsed. False: join again. */
export async function renewSharedLease(
  db: Db,
  name: string,
  member: string,
  value: string,
  ttl_ms: number,
): Promise<boolean> {
  const result = await db
    .updateTable('leases')
    .set({ expires_at: inFuture(ttl_ms) })
    .where('name', '=', `${name}:${member}`)
    .where('holder', '=', value)
    .where('expires_at', '>', sql<Date>`groundcrew_now()`)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/**
 * Joins those who hold the name under one value, or renews that: false, and no member any more, while another member
 * that is alive holds it under another value. A member is a row of `leases`, named by both, whose holder is the value.
 */
export async function joinSharedLease(
  db: Db,
  name: string,
  member: string,
  value: string,
  ttl_ms: number,
): Promise<boolean> {
  return await db.transaction().execute(async (tx) => {
    await withTransactionLock(tx, 'shared_leases');
    await tx
      .deleteFrom('leases')
      .where('name', 'like', `${name}:%`)
      .where('expires_at', '<', sql<Date>`groundcrew_now()`)
      .execute();
    const others = await tx
      .selectFrom('leases')
      .select('name')
      .where('name', 'like', `${name}:%`)
      .where('name', '<>', `${name}:${member}`)
      .where('holder', '<>', value)
      .executeTakeFirst();
    if (others !== undefined) {
      await leaveSharedLease(tx, name, member);
      return false;
    }
    const expires_at = inFuture(ttl_ms);
    await tx
      .insertInto('leases')
      .values({ name: `${name}:${member}`, holder: value, epoch: 1, expires_at })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ holder: value, expires_at }))
      .execute();
    return true;
  });
}

/** The value under which members that are alive hold the name, or null when there is none. */
export async function sharedLeaseValue(db: Db, name: string): Promise<string | null> {
  const row = await db
    .selectFrom('leases')
    .select('holder')
    .where('name', 'like', `${name}:%`)
    .where('expires_at', '>=', sql<Date>`groundcrew_now()`)
    .executeTakeFirst();
  return row?.holder ?? null;
}

/** The other members go on; when this was the last, another value may follow at once. */
export async function leaveSharedLease(db: Db, name: string, member: string): Promise<void> {
  await db.deleteFrom('leases').where('name', '=', `${name}:${member}`).execute();
}
