import { sql } from 'kysely';
import type { Db } from './schema/database.ts';

/** Longer gaps between two ticks are an outage, of which only so much counts. */
const LONGEST_TICK_MS = 2_000;

/**
 * Moves the alive clock on by the time since the last tick of any process, and answers it, in milliseconds. Every API
 * process ticks once a second: agents can be heard only while one is alive, so their leases run on this clock.
 */
export async function tickAlive(db: Db): Promise<number> {
  const answer = await sql<{ alive_ms: number }>`
    update alive_clock
       set alive_ms = alive_ms + greatest(0, least(
             (extract(epoch from groundcrew_now() - ticked_at) * 1000)::bigint, ${LONGEST_TICK_MS}::bigint)),
           ticked_at = groundcrew_now()
    returning alive_ms`.execute(db);
  return answer.rows[0]?.alive_ms ?? 0;
}

/** The alive clock as the last tick left it, in milliseconds. */
export async function readAlive(db: Db): Promise<number> {
  const row = await db.selectFrom('alive_clock').select('alive_ms').executeTakeFirstOrThrow();
  return row.alive_ms;
}
