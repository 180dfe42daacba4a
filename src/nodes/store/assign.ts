import { sql } from 'kysely';
import type { NodeId } from '../../base/ids.ts';
import { channelName } from '../../store/notify.ts';
import type { Db, Tx } from '../../store/schema/database.ts';
import { FLEET_WAKE } from '../wake.ts';
import { enterState } from './enter.ts';

/** An idle node, as the allocator sees it. */
export interface ReadyNode {
  id: NodeId;
  version: number;
  labels: string[];
}

/** A ready node whose agent was silent for this long (alive clock) gets no work, though it is not given up yet. */
export const FRESH_WITHIN_MS = 20_000;

/**
 * Idle nodes, oldest first, at most `most` of each pool: a batch never needs more, and with thousands of warm nodes
 * only these are read. The pools are found by skipping through the index of ready nodes.
 */
export async function readyNodes(db: Db, most: number): Promise<ReadyNode[]> {
  const { rows } = await sql<ReadyNode>`/* prepared ready-nodes */
    with recursive pools as (
      (select provider, node_type from nodes where state = 'ready' order by provider, node_type limit 1)
      union all
      select following.provider, following.node_type from pools, lateral (
        select provider, node_type from nodes
        where state = 'ready' and (provider, node_type) > (pools.provider, pools.node_type)
        order by provider, node_type limit 1
      ) following
    )
    select idle.id, idle.version, idle.labels from pools, lateral (
      select id, version, labels, ready_at from nodes
      where state = 'ready' and provider = pools.provider and node_type = pools.node_type
        and agent_seen_alive_ms >= (select alive_ms from alive_clock) - ${FRESH_WITHIN_MS}
      order by ready_at, id limit ${most}
    ) idle order by idle.ready_at, idle.id`.execute(db);
  return rows;
}

export interface NodeAssignment {
  node_id: NodeId;
  version: number;
  /** For the node's event. */
  reason: string;
}

/**
 * Ready → assigned for all of them, by compare-and-set, each with its event and a wake-up for its agent, and one
 * for the planner. Answers those that were still ready, with the epochs of their sessions.
 */
export async function assignNodes(
  tx: Tx,
  assignments: readonly NodeAssignment[],
): Promise<{ id: NodeId; epoch: number }[]> {
  if (assignments.length === 0) return [];
  const { rows } = await sql<{ id: NodeId; epoch: number }>`/* prepared assign-nodes */
    with given as (
      select * from unnest(${assignments.map((given) => given.node_id)}::text[],
        ${assignments.map((given) => given.version)}::bigint[],
        ${assignments.map((given) => given.reason)}::text[]) as given (id, version, reason)
    ), assigned as (
      update nodes set ${enterState({ to: 'assigned' })}
      from given where nodes.id = given.id and nodes.version = given.version and nodes.state = 'ready'
      returning nodes.id, nodes.session_epoch as epoch, given.reason
    ), event as (
      insert into node_events (node_id, state, reason, actor)
      select id, 'assigned', reason, 'allocator' from assigned
    )
    select id, epoch, pg_notify(${channelName('node')}, id), pg_notify(${channelName('fleet')}, ${FLEET_WAKE.plan}) from assigned`.execute(
    tx,
  );
  return rows.map(({ id, epoch }) => ({ id, epoch }));
}
