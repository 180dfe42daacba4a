import { sql } from 'kysely';
import type { Db } from '../../store/schema/database.ts';

/** The last hour in parts of five minutes. */
export const WAIT_SLOTS = 12;
const SLOT_S = 300;
/** Waits are counted in steps of 5 %, so that an hour of them is a few rows, and those of several expressions add up. */
const STEPS = 20;

/** So many requests for these expressions waited about as long as `step` says. */
export interface WaitCount {
  expressions: string[];
  /** 0: the last five minutes. */
  slot: number;
  step: number;
  count: number;
}

/**
 * How long requests of the last hour waited for their nodes; those that still wait count with what they have waited. The
 * hour's end is asked for once, in a query of its own: an index cannot serve a function that keeps changing.
 */
export async function countWaits(db: Db): Promise<WaitCount[]> {
  const { rows } = await sql<WaitCount>`
    select expressions, slot, round(${STEPS} * ln(greatest(1, wait_ms)))::int as step, count(*)::int as count
    from (
      select expressions, least(${WAIT_SLOTS - 1}, floor(extract(epoch from groundcrew_now() - created_at) / ${SLOT_S}))::int
        as slot, extract(epoch from ended_at - created_at) * 1000 as wait_ms
      from requests where state = 'fulfilled' and created_at > (select groundcrew_now()) - interval '1 hour'
      union all
      select expressions, 0, extract(epoch from groundcrew_now() - created_at) * 1000
      from requests where state = 'waiting'
    ) waits group by 1, 2, 3`.execute(db);
  return rows;
}

/** The wait that all but one in twenty stay within; null when there are none. */
export function waitP95_ms(waits: readonly WaitCount[]): number | null {
  const sorted = waits.toSorted((left, right) => left.step - right.step);
  const all = sorted.reduce((sum, { count }) => sum + count, 0);
  let seen = 0;
  for (const { step, count } of sorted) {
    seen += count;
    if (seen >= all * 0.95) return Math.exp(step / STEPS);
  }
  return null;
}
