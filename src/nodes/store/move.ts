import { sql } from 'kysely';
import type { FaultClass } from '../../base/faults.ts';
import type { NodeId } from '../../base/ids.ts';
import type { Db, Tx } from '../../store/schema/database.ts';
import { NODE_STATES, NODE_TRANSITIONS, type NodeState } from '../state.ts';

export interface NodeMove {
  id: NodeId;
  to: NodeState;
  /** Compare-and-set: the version that was seen. Left out, only the state is compared. */
  version?: number;
  /** Only from this state; left out, from every state that `to` may follow. */
  from?: NodeState;
  /** A sentence's end for people: `its run failed: 1 test`. */
  reason: string;
  /** Who: `fleet`, `allocator`, `agent`, or a person's name. */
  actor: string;
  /** When the new state is overdue, milliseconds from now; null: never. */
  deadline_after_ms: number | null;
  fault?: FaultClass | null;
}

/** The states that may come before this one. */
export function statesBefore(to: NodeState): NodeState[] {
  return NODE_STATES.filter((from) => NODE_TRANSITIONS[from].includes(to));
}

/** A deletion that takes longer than this is said in the node's events. */
export const DELETE_REMINDER_MS = 600_000;

/**
 * Moves a node and writes its event, in one statement. False when it is not in that state (or version) any more: the
 * caller's picture was old, nothing was changed. Its agent's secrets end with the node.
 */
export async function moveNode(db: Db, move: NodeMove): Promise<boolean> {
  const before = move.from === undefined ? statesBefore(move.to) : [move.from];
  const ending = move.to === 'deleting' || move.to === 'deleted';
  const { rows } = await sql`/* prepared move-node */
    with moved as (
      update nodes set state = ${move.to}, version = version + 1, state_since = groundcrew_now(),
        deadline = groundcrew_now() + ${move.deadline_after_ms}::float8 * interval '1 ms',
        deadline_alive_ms = (select alive_ms from alive_clock) + ${move.deadline_after_ms}::float8,
        fault = coalesce(${move.fault ?? null}, fault),
        end_reason = case when ${ending} then ${move.reason} else end_reason end,
        step = case when ${ending} then null else step end,
        attempts = case when ${ending} then 0 else attempts end,
        registration_hashes = case when ${ending} then null else registration_hashes end,
        session_hash = case when ${ending} then null else session_hash end,
        ready_at = case when ${move.to === 'ready'} then groundcrew_now() else ready_at end,
        assigned_at = case when ${move.to === 'assigned'} then groundcrew_now() else assigned_at end,
        deleted_at = case when ${move.to === 'deleted'} then groundcrew_now() else deleted_at end
      where id = ${move.id} and state = any(${before}) and version = coalesce(${move.version ?? null}::bigint, version)
      returning id, state
    ), event as (
      insert into node_events (node_id, state, reason, actor)
      select id, state, ${move.reason}, ${move.actor} from moved
    )
    select id from moved`.execute(db);
  return rows.length === 1;
}

/** Writes an event without a move, and gives the state another deadline. False: the node changed meanwhile. */
export async function remindNode(
  db: Db,
  reminder: { id: NodeId; version?: number; reason: string; actor: string; deadline_after_ms: number },
): Promise<boolean> {
  const { rows } = await sql`
    with reminded as (
      update nodes set version = version + 1,
        deadline = groundcrew_now() + ${reminder.deadline_after_ms}::float8 * interval '1 ms'
      where id = ${reminder.id} and version = coalesce(${reminder.version ?? null}::bigint, version) returning id, state
    ), event as (
      insert into node_events (node_id, state, reason, actor)
      select id, state, ${reminder.reason}, ${reminder.actor} from reminded
    )
    select id from reminded`.execute(db);
  return rows.length === 1;
}

/** A node's state now; null when there is no such node. */
export async function findNode(db: Db, id: NodeId): Promise<{ state: NodeState; version: number } | null> {
  const { rows } = await sql<{ state: NodeState; version: number }>`
    select state, version from nodes where id = ${id}`.execute(db);
  return rows[0] ?? null;
}

/**
 * The same, and the row is this transaction's until it ends. Whoever changes a node together with its hold begins here,
 * so that neither sees the other half-done, and nobody waits in a circle: node first, then hold.
 */
export async function lockNode(
  tx: Tx,
  id: NodeId,
): Promise<{ state: NodeState; version: number; epoch: number } | null> {
  const { rows } = await sql<{ state: NodeState; version: number; epoch: number }>`
    select state, version, session_epoch as epoch from nodes where id = ${id} for no key update`.execute(tx);
  return rows[0] ?? null;
}
