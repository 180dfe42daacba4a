import { sql } from 'kysely';
import type { Amount } from '../../base/amount.ts';
import type { HoldId, NodeId } from '../../base/ids.ts';
import type { Db } from '../../store/schema/database.ts';
import type { HoldSnapshot, NodeSnapshot } from '../snapshot.ts';
import { type NodeState, WAITS_FOR_AGENT_STATES } from '../state.ts';
import { deadlineOf } from './enter.ts';

export interface PlannedNode {
  id: NodeId;
  provider: string;
  node_type: string;
  labels: readonly string[];
  options: Readonly<Record<string, unknown>>;
  takes: Amount;
  boot_timeout_ms: number;
  check_timeout_ms: number;
  reason: string;
}

/** New rows, all in one statement, each with its first event. */
export async function insertPlanned(db: Db, nodes: readonly PlannedNode[]): Promise<void> {
  if (nodes.length === 0) return;
  await sql`
    with given as (
      select * from json_to_recordset(${JSON.stringify(nodes)}::json) as given (id text, provider text, node_type text,
        labels text[], options jsonb, takes jsonb, boot_timeout_ms int, check_timeout_ms int, reason text)
    ), planned as (
      insert into nodes (id, provider, node_type, labels, state, deadline, options, takes, boot_timeout_ms,
        check_timeout_ms, plan_reason)
      select id, provider, node_type, labels, 'planned', ${deadlineOf('planned')},
        options, takes, boot_timeout_ms, check_timeout_ms, reason
      from given returning id, plan_reason
    )
    insert into node_events (node_id, state, reason, actor) select id, 'planned', plan_reason, 'fleet' from planned
    `.execute(db);
}

interface NodeRow {
  id: NodeId;
  version: number;
  provider: string;
  node_type: string;
  labels: string[];
  options: Record<string, unknown>;
  takes: Amount;
  state: NodeState;
  state_since_ms: number;
  deadline_ms: number | null;
  created_at_ms: number;
  ready_at_ms: number | null;
  agent_seen_alive_ms: number | null;
  machine_stopped_since_ms: number | null;
}

const milliseconds = (column: string) => sql`extract(epoch from ${sql.ref(column)})::float8 * 1000`;

/**
 * When the node's state is overdue, in the database's time. From the launch to the end of the run it waits for an agent,
 * which only a living server can hear: there an outage of ours puts the deadline off by as long as it lasted.
 */
const DEADLINE_MS = sql`extract(epoch from case
  when state in (${sql.join(WAITS_FOR_AGENT_STATES.map((state) => sql.lit(state)))}) then greatest(deadline,
    groundcrew_now() + (deadline_alive_ms - (select alive_ms from alive_clock)) * interval '1 ms')
  else deadline end)::float8 * 1000`;

/** Every node that is not deleted, as the planner sees it. */
export async function readLiveNodes(db: Db): Promise<NodeSnapshot[]> {
  const { rows } = await sql<NodeRow>`/* prepared live-nodes */
    select id, version, provider, node_type, labels, options, takes, state, agent_seen_alive_ms,
      ${milliseconds('state_since')} as state_since_ms, ${DEADLINE_MS} as deadline_ms,
      ${milliseconds('created_at')} as created_at_ms, ${milliseconds('ready_at')} as ready_at_ms,
      ${milliseconds('machine_stopped_since')} as machine_stopped_since_ms
    from nodes where state <> 'deleted' order by created_at, id`.execute(db);
  return rows;
}

/** Holds that were not released. */
export async function readHolds(db: Db): Promise<HoldSnapshot[]> {
  const { rows } = await sql<{
    id: HoldId;
    node_id: NodeId;
    owner: string;
    reason: string;
    created_at_ms: number;
    expires_at_ms: number;
  }>`/* prepared live-holds */
    select id, node_id, owner, reason, ${milliseconds('created_at')} as created_at_ms,
      ${milliseconds('expires_at')} as expires_at_ms
    from holds where released_at is null`.execute(db);
  return rows;
}

/** The database's time, the alive clock, and whether machines may be touched. */
export async function readClocks(db: Db): Promise<{ now_ms: number; alive_ms: number; observing: boolean | null }> {
  const { rows } = await sql<{ now_ms: number; alive_ms: number; observing: boolean | null }>`/* prepared clocks */
    select extract(epoch from groundcrew_now())::float8 * 1000 as now_ms,
      (select alive_ms from alive_clock) as alive_ms, (select observing from deployment) as observing`.execute(db);
  return rows[0] as { now_ms: number; alive_ms: number; observing: boolean | null };
}

/** When the node was planned. */
export async function plannedAt(db: Db, id: NodeId): Promise<Date> {
  const { rows } = await sql<{ created_at: Date }>`select created_at from nodes where id = ${id}`.execute(db);
  return (rows[0] as { created_at: Date }).created_at;
}
