import { sql } from 'kysely';
import type { NodeId, RequestId, RunId } from '../../base/ids.ts';
import type { Db } from '../../store/schema/database.ts';
import { NODES_OF_REQUEST } from './life.ts';

/** Reads for people: lists of requests. */
export interface RequestListRow {
  id: RequestId;
  expressions: string[];
  state: string;
  reason: string | null;
  requester: string;
  priority: number;
  run_id: RunId | null;
  node_ids: NodeId[] | null;
  created_at: Date;
  ended_at: Date | null;
  waited_ms: number;
}

const COLUMNS = sql`id, expressions, state, reason, requester, priority, run_id, ${NODES_OF_REQUEST} as node_ids, created_at, ended_at,
  extract(epoch from coalesce(ended_at, groundcrew_now()) - created_at)::float8 * 1000 as waited_ms`;

/**
 * Newest first; one row more than the limit when there is another page. An expression names a label when it is one of
 * its words: `jammy` is in `jammy && !arm`, not in `jammy-arm`.
 */
export async function listRequests(
  db: Db,
  filter: { states: readonly string[] | null; label: string | null; before: number | null; limit: number },
): Promise<RequestListRow[]> {
  const states = filter.states === null ? sql`true` : sql`state = any(${filter.states})`;
  const before = filter.before === null ? sql`true` : sql`id < ${filter.before}`;
  const { label } = filter;
  const named =
    label === null
      ? sql`true`
      : sql`exists (
          select from unnest(expressions) as expression
          where strpos(expression, ${label}) > 0
            and ${label} = any(regexp_split_to_array(expression, '[\\s()!&|]+'))
        )`;
  const result = await sql<RequestListRow>`
    select ${COLUMNS} from requests where ${states} and ${before} and ${named}
    order by id desc limit ${filter.limit + 1}`.execute(db);
  return result.rows;
}

/** Null when there is no such request. */
export async function readRequest(db: Db, id: RequestId): Promise<RequestListRow | null> {
  const result = await sql<RequestListRow>`select ${COLUMNS} from requests where id = ${id}`.execute(db);
  return result.rows[0] ?? null;
}

/** The expressions of waiting requests, to count them by label. */
export async function waitingExpressions(db: Db): Promise<string[][]> {
  const result = await sql<{ expressions: string[] }>`
    select expressions from requests where state = 'waiting' order by id limit 10000`.execute(db);
  return result.rows.map((row) => row.expressions);
}
