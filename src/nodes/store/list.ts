import { sql } from 'kysely';
import type { HoldId, NodeId, RunId } from '../../base/ids.ts';
import { AGENT_SILENT_AFTER_MS, type NodeFacts, type TaskReport } from '../../protocol/agent.ts';
import type { Db } from '../../store/schema/database.ts';

/** Reads for people: lists and pages of the fleet. What the planner reads is in the store. */
export interface NodeListRow {
  id: NodeId;
  provider: string;
  node_type: string;
  labels: string[];
  state: string;
  state_since: Date;
  deadline: Date | null;
  run_id: RunId | null;
  plan_reason: string;
  end_reason: string | null;
  /** Why it is held; null when it is not. */
  hold_reason: string | null;
  fault: string | null;
  created_at: Date;
  ready_at: Date | null;
  deleted_at: Date | null;
  /** How long its agent was not heard of, in time in which we could hear it; null while it is, or has none. */
  silent_ms: number | null;
}

const COLUMNS = sql`n.id, n.provider, n.node_type, n.labels, n.state, n.state_since, n.deadline, n.plan_reason,
  n.end_reason, n.fault, n.created_at, n.ready_at, n.deleted_at,
  case when n.state in ('checking', 'ready', 'assigned', 'running', 'held') then (
    select alive.alive_ms - n.agent_seen_alive_ms from alive_clock alive
    where alive.alive_ms - n.agent_seen_alive_ms > ${AGENT_SILENT_AFTER_MS}) end as silent_ms,
  (select max(given.subject) from node_assignments given
    where given.node_id = n.id and given.kind = 'run' and given.state <> 'taken_back') as run_id,
  case when n.state = 'held' then
    (select h.reason from holds h where h.node_id = n.id and h.released_at is null) end as hold_reason`;

export interface NodeFilter {
  states: readonly string[] | null;
  label: string | null;
  provider: string | null;
  node_type?: string | null;
  /** (created_at in microseconds since 1970, id) of the last node of the page before. */
  after: readonly [number, string] | null;
  limit: number;
}

/** Newest first; one row more than the limit when there is another page. */
export async function listNodes(db: Db, filter: NodeFilter): Promise<(NodeListRow & { created_us: number })[]> {
  const states = filter.states === null ? sql`n.state <> 'deleted'` : sql`n.state = any(${filter.states})`;
  const label = filter.label === null ? sql`true` : sql`${filter.label} = any(n.labels)`;
  const provider = filter.provider === null ? sql`true` : sql`n.provider = ${filter.provider}`;
  const type = filter.node_type == null ? sql`true` : sql`n.node_type = ${filter.node_type}`;
  const created = sql`(extract(epoch from n.created_at) * 1000000)::bigint`;
  const after = filter.after === null ? sql`true` : sql`(${created}, n.id) < (${filter.after[0]}, ${filter.after[1]})`;
  const result = await sql<NodeListRow & { created_us: number }>`
    select ${COLUMNS}, ${created} as created_us from nodes n
    where ${states} and ${label} and ${provider} and ${type} and ${after}
    order by ${created} desc, n.id desc limit ${filter.limit + 1}`.execute(db);
  return result.rows;
}

export interface NodeDetailRow extends NodeListRow {
  facts: NodeFacts | null;
  preflight: TaskReport[] | null;
  console: string | null;
  external_id: string | null;
  addresses: string[];
  host_keys: string[];
}

/** Null when there is no such node. */
export async function readNode(db: Db, id: NodeId): Promise<NodeDetailRow | null> {
  const result = await sql<NodeDetailRow>`
    select ${COLUMNS}, n.facts, n.preflight, n.console, n.external_id, n.addresses, n.host_keys from nodes n where n.id = ${id}`.execute(
    db,
  );
  return result.rows[0] ?? null;
}

export interface NodeEventRow {
  at: Date;
  state: string;
  reason: string;
  actor: string;
}

/** What happened to a node, oldest first, the last 500. */
export async function listNodeEvents(db: Db, id: NodeId): Promise<NodeEventRow[]> {
  const result = await sql<NodeEventRow>`
    select at, state, reason, actor from
      (select * from node_events where node_id = ${id} order by id desc limit 500) e order by e.id`.execute(db);
  return result.rows;
}

export interface HoldRow {
  id: HoldId;
  node_id: NodeId;
  run_id: RunId | null;
  owner: string;
  reason: string;
  created_at: Date;
  expires_at: Date;
}

/** Holds that last; of one node when it is named. */
export async function listHolds(db: Db, node_id: NodeId | null): Promise<HoldRow[]> {
  const one = node_id === null ? sql`true` : sql`h.node_id = ${node_id}`;
  const result = await sql<HoldRow>`
    select h.id, h.node_id, h.run_id, h.owner, h.reason, h.created_at, h.expires_at
    from holds h join nodes n on n.id = h.node_id
    where h.released_at is null and n.state = 'held' and ${one} order by h.expires_at limit 1000`.execute(db);
  return result.rows;
}

/** Is the node's hold of this name's: as its owner, or as who submitted the run that it was kept after? */
export async function isHeldFor(db: Db, node_id: NodeId, name: string): Promise<boolean> {
  const { rows } = await sql`
    select h.id from holds h
    left join job_runs r on r.id = h.run_id
    where h.node_id = ${node_id} and h.released_at is null and (h.owner = ${name} or r.submitted_by = ${name})`.execute(
    db,
  );
  return rows.length > 0;
}

export interface PoolCountRow {
  provider: string;
  node_type: string;
  labels: string[];
  state: string;
  count: number;
  /** What they take; 0 where they say nothing. */
  cores: number;
}

/** Live nodes by pool and state. */
export async function countPools(db: Db): Promise<PoolCountRow[]> {
  const result = await sql<PoolCountRow>`
    select provider, node_type, labels, state, count(*)::int as count,
      coalesce(sum((takes->>'cores')::float8), 0) as cores
    from nodes
    where state <> 'deleted' group by 1, 2, 3, 4 order by 1, 2, 4`.execute(db);
  return result.rows;
}

export interface LaunchRow {
  provider: string;
  launches_ok: number;
  launches_failed: number;
  launch_p50_ms: number | null;
}

/** How launches of the last day went, by provider. */
export async function launchStatistics(db: Db): Promise<LaunchRow[]> {
  const result = await sql<LaunchRow>`
    select provider,
      count(*) filter (where ready_at is not null)::int as launches_ok,
      count(*) filter (where ready_at is null and fault is not null)::int as launches_failed,
      percentile_cont(0.5) within group (order by extract(epoch from ready_at - created_at) * 1000)
        filter (where ready_at is not null) as launch_p50_ms
    from nodes where created_at > groundcrew_now() - interval '1 day' group by 1`.execute(db);
  return result.rows;
}

export interface FailingPoolRow {
  provider: string;
  node_type: string;
  /** Launches since the last that became ready, all of them failed; of these the first began at `since`. */
  failed: number;
  /** The same in generations: nodes that fail together count once, and it outlives the nodes' rows. */
  failures: number;
  since: Date | null;
  fault: string | null;
  message: string | null;
  retry_at: Date | null;
}

/** Node types whose last launch failed, or that pause because their provider has no room. */
export async function failingPools(db: Db): Promise<FailingPoolRow[]> {
  const result = await sql<FailingPoolRow>`
    select p.provider, p.node_type, n.failed, p.failures, n.since, p.fault, p.message, p.retry_at
    from pool_status p, lateral (
      select count(*)::int as failed, min(created_at) as since from nodes
      where provider = p.provider and node_type = p.node_type and ready_at is null and fault is not null
        and created_at > coalesce(p.succeeded_at, '-infinity')) n
    where p.failures > 0 or p.retry_at > groundcrew_now() order by 1, 2`.execute(db);
  return result.rows;
}

export interface HeldPoolRow {
  provider: string;
  node_type: string;
  held: number;
  /** When the first of these holds ends. */
  first_ends_at: Date;
}

/** Held nodes by pool. */
export async function heldPools(db: Db): Promise<HeldPoolRow[]> {
  const result = await sql<HeldPoolRow>`
    select n.provider, n.node_type, count(*)::int as held, min(h.expires_at) as first_ends_at
    from holds h join nodes n on n.id = h.node_id
    where h.released_at is null and n.state = 'held' group by 1, 2 order by 1, 2`.execute(db);
  return result.rows;
}
