import { sql } from 'kysely';
import type { NodeId, RequestId, RunId } from '../../base/ids.ts';
import { expressionOf } from '../../labels/matchers.ts';
import { notify } from '../../store/notify.ts';
import type { Db, Tx } from '../../store/schema/database.ts';
import type { RequestState } from '../state.ts';

/** The one way in which a request ends: the part of `update requests set …` that writes its last state. */
const ended = (to: Exclude<RequestState, 'waiting'>) => sql`state = ${sql.lit(to)}, ended_at = groundcrew_now()`;

export interface NewRequest {
  /** One label expression a wanted node: all or nothing. */
  expressions: readonly string[];
  requester: string;
  /** Higher is served first. Default 0. */
  priority?: number;
  /** The run that gets the node; null: a program that asked for nodes. */
  run_id?: RunId | null;
  /** Cancelled when it still waits after this long; null: waits for ever. */
  expires_after_ms?: number | null;
}

/** Asks for nodes, and wakes the allocator once the transaction commits. Throws GC1401 for a malformed expression. */
export async function createRequest(tx: Tx, request: NewRequest): Promise<RequestId> {
  const id = await insertRequest(tx, request);
  await notify(tx, 'allocate', '');
  return id;
}

/**
 * Asks for nodes without a wake-up: for callers that wake the allocator after their commit. Transactions that notify
 * commit one after the other, so that in a burst a wake-up of its own (no more than one at a time) is twice as fast.
 */
export async function insertRequest(db: Db, request: NewRequest): Promise<RequestId> {
  for (const expression of request.expressions) expressionOf(expression);
  const { rows } = await sql<{ id: RequestId }>`/* prepared insert-request */
    insert into requests (expressions, requester, priority, run_id, expires_at)
    values (${request.expressions}, ${request.requester}, ${request.priority ?? 0}, ${request.run_id ?? null},
      groundcrew_now() + ${request.expires_after_ms ?? null}::float8 * interval '1 ms')
    returning id`.execute(db);
  return (rows[0] as { id: RequestId }).id;
}

/** Asks for nodes for many runs, one request each and served in this order, by one statement. No wake-up. */
export async function insertRequestsOfRuns(
  tx: Tx,
  requests: readonly { run_id: RunId; expression: string; requester: string }[],
): Promise<{ run_id: RunId; request_id: RequestId }[]> {
  if (requests.length === 0) return [];
  for (const expression of new Set(requests.map((request) => request.expression))) expressionOf(expression);
  const rows = requests.map((request, ordinal) => ({ ...request, ordinal }));
  const answer = await sql<{ run_id: RunId; request_id: RequestId }>`
    insert into requests (expressions, requester, run_id)
    select array[expression], requester, run_id
    from json_to_recordset(${JSON.stringify(rows)}::json)
      as given (ordinal int, run_id bigint, expression text, requester text)
    order by ordinal returning run_id, id as request_id`.execute(tx);
  return answer.rows;
}

export interface WaitingRequest {
  id: RequestId;
  expressions: string[];
  run_id: RunId | null;
  priority: number;
  waited_ms: number;
}

/** Waiting requests in the order in which they are served: priority, then age. */
export async function waitingRequests(db: Db, limit: number): Promise<WaitingRequest[]> {
  const { rows } = await sql<WaitingRequest>`/* prepared waiting-requests */
    select id, expressions, run_id, priority,
      extract(epoch from groundcrew_now() - created_at)::float8 * 1000 as waited_ms
    from requests where state = 'waiting' order by priority desc, id limit ${limit}`.execute(db);
  return rows;
}

/** Waiting → fulfilled for all of them. Answers those that were still waiting. */
export async function fulfilRequests(tx: Tx, ids: readonly RequestId[]): Promise<RequestId[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<{ id: RequestId }>`/* prepared fulfil-requests */
    update requests set ${ended('fulfilled')}
    where id = any(${ids}::bigint[]) and state = 'waiting' returning id`.execute(tx);
  return rows.map((row) => row.id);
}

/** Waiting → refused: nothing can ever serve it. Answers its run (null: it has none), undefined when it does not wait. */
export async function refuseRequest(
  tx: Tx,
  id: RequestId,
  reason: string,
): Promise<{ run_id: RunId | null } | undefined> {
  const { rows } = await sql<{ run_id: RunId | null }>`
    update requests set ${ended('refused')}, reason = ${reason}
    where id = ${id} and state = 'waiting' returning run_id`.execute(tx);
  return rows[0];
}

/** The same for many, by one statement; of runs that wait for them the reaper ends each. */
export async function refuseRequests(tx: Tx, refused: readonly { id: RequestId; reason: string }[]): Promise<void> {
  if (refused.length === 0) return;
  await sql`
    update requests set ${ended('refused')}, reason = given.reason
    from json_to_recordset(${JSON.stringify(refused)}::json) as given (id bigint, reason text)
    where requests.id = given.id and state = 'waiting'`.execute(tx);
}

/** Waiting → cancelled. False when it does not wait any more: then its nodes are assigned, and theirs to be given back. */
export async function cancelRequest(db: Db, id: RequestId, reason: string): Promise<boolean> {
  const { rows } = await sql`
    update requests set ${ended('cancelled')}, reason = ${reason}
    where id = ${id} and state = 'waiting' returning id`.execute(db);
  return rows.length === 1;
}

/** Waiting → cancelled, for the request of a run that ended otherwise. */
export async function cancelRequestsOfRun(db: Db, run_id: RunId, reason: string): Promise<void> {
  await sql`
    update requests set ${ended('cancelled')}, reason = ${reason}
    where run_id = ${run_id} and state = 'waiting'`.execute(db);
}

/** Cancels those whose time is over. Answers how many. */
export async function expireRequests(db: Db): Promise<number> {
  const { rows } = await sql`
    update requests set ${ended('cancelled')}, reason = 'nobody renewed it and its time was over'
    where state = 'waiting' and expires_at < groundcrew_now() returning id`.execute(db);
  return rows.length;
}

/** Its nodes in the order of its expressions; null: it has none. */
export const NODES_OF_REQUEST = sql`(select array_agg(given.node_id order by given.ordinal)
  from node_assignments given where given.request_id = requests.id)`;

export interface RequestRow {
  id: RequestId;
  expressions: string[];
  state: string;
  reason: string | null;
  run_id: RunId | null;
  node_ids: NodeId[] | null;
  priority: number;
  waited_ms: number;
  /** How many are served before it. */
  ahead: number;
}

/** One request for its explanation; null when there is none. */
export async function findRequest(db: Db, id: RequestId): Promise<RequestRow | null> {
  const { rows } = await sql<RequestRow>`
    select id, expressions, state, reason, run_id, ${NODES_OF_REQUEST} as node_ids, priority,
      extract(epoch from coalesce(ended_at, groundcrew_now()) - created_at)::float8 * 1000 as waited_ms,
      (select count(*)::int from requests other where other.state = 'waiting'
        and (other.priority > requests.priority or (other.priority = requests.priority and other.id < requests.id)))
        as ahead
    from requests where id = ${id}`.execute(db);
  return rows[0] ?? null;
}

/** How long requests for exactly these expressions waited lately (median, last day); null: too few to tell. */
export async function usualWait_ms(db: Db, expressions: readonly string[]): Promise<number | null> {
  const { rows } = await sql<{ wait_ms: number | null; count: number }>`
    select percentile_cont(0.5) within group (order by extract(epoch from ended_at - created_at))::float8 * 1000 as wait_ms,
      count(*)::int as count
    from (select created_at, ended_at from requests
      where state = 'fulfilled' and expressions = ${expressions}::text[] and created_at > groundcrew_now() - interval '1 day'
      order by id desc limit 200) recent`.execute(db);
  const row = rows[0];
  return row !== undefined && row.count >= 5 ? row.wait_ms : null;
}

/** How many requests wait. */
export async function countWaitingRequests(db: Db): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from requests where state = 'waiting'`.execute(db);
  return rows[0]?.count ?? 0;
}
