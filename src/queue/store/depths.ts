import { sql } from 'kysely';
import type { Db } from '../../store/schema/database.ts';
import { LANES, type Lane } from '../contract.ts';

/** How full a lane is; autoscalers read this. */
export interface LaneDepth {
  lane: Lane;
  /** Due or not yet due. */
  waiting: number;
  running: number;
  dead: number;
  /** How long the item that is due longest has been due; null when none is. */
  oldest_waiting_ms: number | null;
}

/** Every lane, the empty ones too. */
export async function queueDepths(db: Db): Promise<LaneDepth[]> {
  const answer = await sql<LaneDepth>`
    select lane,
           count(item.id) filter (where state = 'waiting') as waiting,
           count(item.id) filter (where state = 'running') as running,
           count(item.id) filter (where state = 'dead') as dead,
           (extract(epoch from groundcrew_now() - min(run_at) filter (
             where state = 'waiting' and run_at <= groundcrew_now())) * 1000)::float8 as oldest_waiting_ms
      from unnest(${[...LANES]}::text[]) with ordinality as known (lane, place)
      left join work_items item using (lane)
     group by lane, place order by place`.execute(db);
  return answer.rows;
}
