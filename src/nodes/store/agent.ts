import { sql } from 'kysely';
import type { NodeId } from '../../base/ids.ts';
import type { NodeFacts, TaskReport } from '../../protocol/agent.ts';
import { channelName } from '../../store/notify.ts';
import type { Db } from '../../store/schema/database.ts';
import type { NodeState } from '../state.ts';

/** What the server knows of the node whose agent speaks. */
export interface AgentNode {
  id: NodeId;
  state: NodeState;
  provider: string;
  node_type: string;
  /** Of the session: an agent that dials again, or a second one, gets the next; words of an older one are refused. */
  epoch: number;
}

const AGENT_NODE = sql`id, state, provider, node_type, session_epoch as epoch`;

/**
 * The agent's first word: spends its one-use token, and from now on the session's secret counts. The node is checked
 * next. Null: no node waits for this token (unknown, spent, or the node is on its way out).
 */
export async function registerAgent(
  db: Db,
  token_hash: Buffer,
  session_hash: Buffer,
  facts: NodeFacts | null = null,
): Promise<AgentNode | null> {
  const { rows } = await sql<AgentNode>`/* prepared register-agent */
    with registered as (
      update nodes set state = 'checking', version = version + 1, state_since = clock_timestamp(),
        deadline = clock_timestamp() + check_timeout_ms * interval '1 ms', registration_hash = null,
        earlier_registration_hash = null, session_hash = ${session_hash}, session_epoch = session_epoch + 1,
        agent_seen_alive_ms = (select alive_ms from alive_clock), facts = ${facts && JSON.stringify(facts)}::jsonb
      where (registration_hash = ${token_hash} or earlier_registration_hash = ${token_hash})
        and state in ('launching', 'booting')
      returning id, state, provider, node_type, session_epoch
    ), event as (
      insert into node_events (node_id, state, reason, actor)
      select id, state, 'its agent reported; pre-flight begins', 'agent' from registered
    )
    select ${AGENT_NODE} from registered`.execute(db);
  return rows[0] ?? null;
}

/** The agent dials again with its session's secret: the next epoch. Null: no live node has this session. */
export async function reconnectAgent(
  db: Db,
  session_hash: Buffer,
  facts: NodeFacts | null = null,
): Promise<AgentNode | null> {
  const { rows } = await sql<AgentNode>`
    update nodes set session_epoch = session_epoch + 1, agent_seen_alive_ms = (select alive_ms from alive_clock),
      facts = coalesce(${facts && JSON.stringify(facts)}::jsonb, facts)
    where session_hash = ${session_hash} and state not in ('deleting', 'deleted')
    returning ${AGENT_NODE}`.execute(db);
  return rows[0] ?? null;
}

/** The node of a session's secret, as it is, for calls beside the socket. Null: none, or on its way out. */
export async function findAgentNode(db: Db, session_hash: Buffer): Promise<AgentNode | null> {
  const { rows } = await sql<AgentNode>`
    select ${AGENT_NODE} from nodes
    where session_hash = ${session_hash} and state not in ('deleting', 'deleted')`.execute(db);
  return rows[0] ?? null;
}

/** Ends every older session of the node; answers the new epoch, null when the node is not live. */
export async function bumpEpoch(db: Db, id: NodeId): Promise<number | null> {
  const { rows } = await sql<{ epoch: number }>`
    update nodes set session_epoch = session_epoch + 1 where id = ${id} and state <> 'deleted'
    returning session_epoch as epoch`.execute(db);
  return rows[0]?.epoch ?? null;
}

/** Is this still the node's session, and what state is the node in? Null: no. */
export async function currentState(db: Db, id: NodeId, epoch: number): Promise<NodeState | null> {
  const { rows } = await sql<{ state: NodeState }>`/* prepared current-state */
    select state from nodes where id = ${id} and session_epoch = ${epoch}`.execute(db);
  return rows[0]?.state ?? null;
}

/** The agents of these nodes were heard of now, on the alive clock. One whose row is being changed is left for next time. */
export async function nodesSeen(db: Db, ids: readonly NodeId[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`/* prepared nodes-seen */
    update nodes set agent_seen_alive_ms = (select alive_ms from alive_clock)
    where id in (select id from nodes where id = any(${ids}) order by id for no key update skip locked)`.execute(db);
}

/**
 * The node is ready for work: checking → ready. Answers how long it took from its plan, null when it is not checking.
 * The allocator is woken only when somebody waits: transactions that notify commit one after the other. A request that
 * commits in this very moment is found by the allocator's poll.
 */
export async function markReady(
  db: Db,
  id: NodeId,
  epoch: number,
  report: { tasks: readonly TaskReport[]; reason: string },
): Promise<{ provider: string; node_type: string; launch_ms: number } | null> {
  const { rows } = await sql<{ provider: string; node_type: string; launch_ms: number }>`/* prepared mark-ready */
    with passed as (
      update nodes set state = 'ready', version = version + 1, state_since = clock_timestamp(), deadline = null,
        ready_at = clock_timestamp(), fault = null, preflight = ${JSON.stringify(report.tasks)}::jsonb,
        agent_seen_alive_ms = (select alive_ms from alive_clock)
      where id = ${id} and session_epoch = ${epoch} and state = 'checking'
      returning id, state, provider, node_type, ready_at - created_at as took
    ), event as (
      insert into node_events (node_id, state, reason, actor)
      select id, state, ${report.reason}, 'agent' from passed
    )
    select provider, node_type, extract(epoch from took)::float8 * 1000 as launch_ms,
      case when exists (select 1 from requests where state = 'waiting')
        then pg_notify(${channelName('allocate')}, '') end
    from passed`.execute(db);
  return rows[0] ?? null;
}

/** What the checks said, kept whatever follows from it. False: another session speaks for the node by now. */
export async function savePreflight(
  db: Db,
  id: NodeId,
  epoch: number,
  tasks: readonly TaskReport[],
): Promise<{ version: number; provider: string; node_type: string; created_at: Date } | null> {
  const { rows } = await sql<{ version: number; provider: string; node_type: string; created_at: Date }>`
    update nodes set preflight = ${JSON.stringify(tasks)}::jsonb
    where id = ${id} and session_epoch = ${epoch} and state = 'checking'
    returning version, provider, node_type, created_at`.execute(db);
  return rows[0] ?? null;
}
