import { sql } from 'kysely';
import type { NodeId } from '../../base/ids.ts';
import type { NodeFacts, TaskReport } from '../../protocol/agent.ts';
import type { Db } from '../../store/schema/database.ts';
import type { NodeState } from '../state.ts';
import { enterState } from './enter.ts';

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
 * The agent dials with its token, and from now on the session's secret counts. The node is checked next. The welcome
 * with the secret may get lost: until a word shows that the agent has it (`spendToken`), the token gives another
 * secret, and the one before counts no more; the time for the checks does not begin again. Null: no node waits for this
 * token (unknown, spent, or the node is on its way out).
 */
export async function registerAgent(
  db: Db,
  token_hash: Buffer,
  session_hash: Buffer,
  facts: NodeFacts | null = null,
): Promise<AgentNode | null> {
  const { rows } = await sql<AgentNode>`/* prepared register-agent */
    with seen as (
      select id, state = 'checking' as again from nodes
      where registration_hashes @> array[${token_hash}::bytea]
        and state in ('launching', 'booting', 'checking')
      for update
    ), registered as (
      update nodes set ${enterState({ to: 'checking', when: sql<boolean>`not seen.again` })},
        registration_hashes = array[${token_hash}::bytea],
        session_hash = ${session_hash}, session_epoch = session_epoch + 1,
        agent_seen_alive_ms = (select alive_ms from alive_clock), facts = ${facts && JSON.stringify(facts)}::jsonb
      from seen where nodes.id = seen.id
      returning nodes.id, state, provider, node_type, session_epoch, again
    ), event as (
      insert into node_events (node_id, state, reason, actor)
      select id, state, case when again then 'its agent reported again: it did not hear the welcome'
        else 'its agent reported; pre-flight begins' end, 'agent' from registered
    )
    select ${AGENT_NODE} from registered`.execute(db);
  return rows[0] ?? null;
}

/** The agent has shown that it has its session's secret: its token is spent. Nothing happens when it was before. */
export async function spendToken(db: Db, id: NodeId, epoch: number): Promise<void> {
  await sql`/* prepared spend-token */
    update nodes set registration_hashes = null
    where id = ${id} and session_epoch = ${epoch} and registration_hashes is not null`.execute(db);
}

/** The agent dials again with its session's secret: the next epoch, and its token is spent. Null: no live node has this session. */
export async function reconnectAgent(
  db: Db,
  session_hash: Buffer,
  facts: NodeFacts | null = null,
): Promise<AgentNode | null> {
  const { rows } = await sql<AgentNode>`
    update nodes set session_epoch = session_epoch + 1, agent_seen_alive_ms = (select alive_ms from alive_clock),
      facts = coalesce(${facts && JSON.stringify(facts)}::jsonb, facts), registration_hashes = null
    where session_hash = ${session_hash} and state not in ('deleting', 'deleted')
    returning ${AGENT_NODE}`.execute(db);
  return rows[0] ?? null;
}

/** Is it the secret of any node's session? Whose run it may speak of is asked elsewhere. */
export async function isSessionSecret(db: Db, session_hash: Buffer): Promise<boolean> {
  const { rows } = await sql`select 1 from nodes where session_hash = ${session_hash}`.execute(db);
  return rows.length > 0;
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

/** What an agent said of its checks, for the node's row and its event. */
export interface PassedReport {
  node_id: NodeId;
  /** Of the session that reports. */
  epoch: number;
  tasks: readonly TaskReport[];
  reason: string;
}

/**
 * These nodes are ready for work: checking → ready, each with its event. In the same statement their node types are
 * noted as sound, with how long a launch takes (smoothed): once in a while is enough for that, since a hundred nodes a
 * second must not queue for one row. Answers those that were being checked; the caller wakes the allocator after its commit.
 */
export async function markReady(
  db: Db,
  reports: readonly PassedReport[],
): Promise<{ node_id: NodeId; epoch: number }[]> {
  const { rows } = await sql<{ node_id: NodeId; epoch: number }>`/* prepared mark-ready */
    with seen as (
      select nodes.id, given.tasks, given.reason
      from json_to_recordset(${JSON.stringify(reports)}::json)
        as given (node_id text, epoch bigint, tasks jsonb, reason text)
      join nodes on nodes.id = given.node_id and nodes.session_epoch = given.epoch
      where nodes.state = 'checking' order by nodes.id for update of nodes
    ), passed as (
      update nodes set ${enterState({ to: 'ready' })}, preflight = seen.tasks,
        agent_seen_alive_ms = (select alive_ms from alive_clock)
      from seen where nodes.id = seen.id
      returning nodes.id, nodes.session_epoch, nodes.provider, nodes.node_type, nodes.ready_at - nodes.created_at as took,
        seen.reason
    ), event as (
      insert into node_events (node_id, state, reason, actor) select id, 'ready', reason, 'agent' from passed
    ), sound as (
      insert into pool_status as known (provider, node_type, succeeded_at, launch_ms)
      select distinct on (provider, node_type) provider, node_type, groundcrew_now(),
        extract(epoch from took)::float8 * 1000
      from passed where not exists (select 1 from pool_status
        where pool_status.provider = passed.provider and pool_status.node_type = passed.node_type
        and failures = 0 and retry_at is null and succeeded_at > groundcrew_now() - interval '2 s')
      order by provider, node_type
      on conflict (provider, node_type) do update set
        failures = 0, fault = null, message = null, retry_at = null, succeeded_at = excluded.succeeded_at,
        launch_ms = coalesce(known.launch_ms * 0.8 + excluded.launch_ms * 0.2, excluded.launch_ms)
    )
    select id as node_id, session_epoch as epoch from passed`.execute(db);
  return rows;
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

/** What the agent says about its machine with its first word. Nothing happens when a newer session speaks for the node. */
export async function saveFacts(db: Db, id: NodeId, epoch: number, facts: NodeFacts): Promise<void> {
  await sql`
    update nodes set facts = ${JSON.stringify(facts)}::jsonb
    where id = ${id} and session_epoch = ${epoch}`.execute(db);
}
