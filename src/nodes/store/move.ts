import { sql } from 'kysely';
import type { FaultClass } from '../../base/faults.ts';
import type { NodeId } from '../../base/ids.ts';
import type { Db, Tx } from '../../store/schema/database.ts';
import { NODE_STATES, NODE_TRANSITIONS, type NodeState } from '../state.ts';
import { enterState, type TimedState } from './enter.ts';

export type NodeMove = MoveBase &
  /** How long it may last, milliseconds from now: its hold, or its run's time. */
  (
    | { to: 'running' | 'held'; deadline_after_ms: number }
    | { to: 'deleting'; fault?: FaultClass | null }
    | { to: Exclude<TimedState, 'deleting'> }
  );

interface MoveBase {
  id: NodeId;
  /** Compare-and-set: the version that was seen. Left out, only the state is compared. */
  version?: number;
  /** Only from this state; left out, from every state that `to` may follow. */
  from?: NodeState;
  /** A sentence's end for people: `its run failed: 1 test`. */
  reason: string;
  /** Who: `fleet`, `allocator`, `agent`, or a person's name. */
  actor: string;
}

/** The states that may come before this one. */
export function statesBefore(to: NodeState): NodeState[] {
  return NODE_STATES.filter((from) => NODE_TRANSITIONS[from].includes(to));
}

/**
 * Moves a node and writes its event, in one statement. False when it is not in that state (or version) any more: the
 * caller's picture was old, nothing was changed. Its agent's secrets end with the node.
 */
export async function moveNode(db: Db, move: NodeMove): Promise<boolean> {
  const before = move.from === undefined ? statesBefore(move.to) : [move.from];
  // Each state is entered by a text of its own, and so is a statement of its own to the server.
  const { rows } = await sql`${sql.raw(`/* prepared move-node-${move.to} */`)}
    with moved as (
      update nodes set ${enterState(move)}
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
