import { sql } from 'kysely';
import type { Db } from '../schema/database.ts';

/** The time of one test's database, in the test's hand. */
export interface DrivenTime {
  /**
   * Moves it on. Servers were alive meanwhile, as the alive clock counts, unless `outage` says that none was: then only
   * the next tick counts for it.
   */
  advance(duration_ms: number, options?: { outage?: boolean }): Promise<void>;
  /** What statements are told now, milliseconds since 1970. */
  now_ms(): Promise<number>;
}

/**
 * Takes the time of a test's own database in hand: `groundcrew_now()` gets another body there, which every session sees
 * with its next statement. It goes on by itself from where it is moved to, or stands still when `stopped` is set.
 */
export async function driveTime(db: Db, options: { stopped?: boolean } = {}): Promise<DrivenTime> {
  const begin_ms = await readNow_ms(db);
  let moved_ms = 0;
  const apply = async (): Promise<void> => {
    const body = options.stopped
      ? `to_timestamp(${(begin_ms + moved_ms) / 1_000}::float8)`
      : `clock_timestamp() + interval '${moved_ms} ms'`;
    await sql`create or replace function groundcrew_now() returns timestamptz
      language sql volatile parallel safe return ${sql.raw(body)}`.execute(db);
  };
  await apply();
  return {
    async advance(duration_ms, { outage = false } = {}) {
      if (!(duration_ms >= 0)) throw new Error(`time does not go back: ${duration_ms} ms`);
      moved_ms += duration_ms;
      await apply();
      if (outage) return;
      await sql`update alive_clock set alive_ms = alive_ms + ${Math.round(duration_ms)}::bigint,
        ticked_at = groundcrew_now()`.execute(db);
    },
    now_ms: () => readNow_ms(db),
  };
}

async function readNow_ms(db: Db): Promise<number> {
  const answer = await sql<{ now_ms: number }>`
    select extract(epoch from groundcrew_now())::float8 * 1000 as now_ms`.execute(db);
  return answer.rows[0]?.now_ms as number;
}
