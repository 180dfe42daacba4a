import { sql } from 'kysely';
import type { AssignmentId, NodeId, RequestId, RunId } from '../../base/ids.ts';
import { ACKNOWLEDGE_WITHIN_MS, RUN_LEASE_MS } from '../../protocol/agent.ts';
import type { Db, Tx } from '../../store/schema/database.ts';
import type { AssignmentKind } from '../state.ts';

/** Late words about what ended are known for what they are for this long. */
const REMEMBERED = '1 day';

export interface HandOut {
  node_id: NodeId;
  /** Of the node's session, as its row said when it was taken. */
  epoch: number;
  kind: AssignmentKind;
  /** The number of what it is for. */
  subject: number;
  /** Which of the subject's nodes it is: 0 for the first. */
  ordinal: number;
  request_id: RequestId;
}

export interface HandedOut {
  id: AssignmentId;
  kind: AssignmentKind;
  subject: number;
  ordinal: number;
}

/**
 * Gives nodes to their subjects, all in one statement: part of the allocator's transaction, after it has taken the nodes.
 * Each has the next fence of its subject and 10 s, on the alive clock, in which its agent must acknowledge it. What is
 * given to whoever asked is not offered to an agent. Error: PostgreSQL's 23505 when a slot or a subject has one already.
 */
export async function handOut(tx: Tx, given: readonly HandOut[]): Promise<HandedOut[]> {
  if (given.length === 0) return [];
  const { rows } = await sql<HandedOut>`/* prepared hand-out */
    insert into assignments (node_id, epoch, kind, subject, ordinal, request_id, fence, state, acknowledge_by_alive_ms)
    select given.node_id, given.epoch, given.kind, given.subject, given.ordinal, given.request_id,
      coalesce((select max(before.fence) from assignments before
        where before.kind = given.kind and before.subject = given.subject), 0) + 1,
      case when given.kind = 'request' then 'active' else 'offered' end,
      case when given.kind <> 'request' then alive.alive_ms + ${ACKNOWLEDGE_WITHIN_MS} end
    from alive_clock alive, unnest(${given.map(({ node_id }) => node_id)}::text[],
      ${given.map(({ epoch }) => epoch)}::bigint[], ${given.map(({ kind }) => kind)}::text[],
      ${given.map(({ subject }) => subject)}::bigint[], ${given.map(({ ordinal }) => ordinal)}::int[],
      ${given.map(({ request_id }) => request_id)}::bigint[])
      as given (node_id, epoch, kind, subject, ordinal, request_id)
    returning id, kind, subject, ordinal`.execute(tx);
  return rows;
}

/** The agent has it: offered → active, with a lease on the alive clock. False when it is not offered to this session. */
export async function acknowledgeAssignment(
  tx: Tx,
  at: { run_id: RunId; fence: number; node_id: NodeId; epoch: number },
): Promise<boolean> {
  const { rows } = await sql`
    update assignments set state = 'active', acknowledged_at = groundcrew_now(), acknowledge_by_alive_ms = null,
      lease_until_alive_ms = alive.alive_ms + ${RUN_LEASE_MS}
    from alive_clock alive
    where kind = 'run' and subject = ${at.run_id} and fence = ${at.fence} and node_id = ${at.node_id}
      and epoch = ${at.epoch} and state = 'offered' returning id`.execute(tx);
  return rows.length === 1;
}

/** The agent lives: the leases of all that it works for begin again. Answers how many; an older session renews none. */
export async function renewLeases(db: Db, node_id: NodeId, epoch: number): Promise<number> {
  const { rows } = await sql`
    update assignments set lease_until_alive_ms = alive.alive_ms + ${RUN_LEASE_MS}
    from alive_clock alive
    where node_id = ${node_id} and epoch = ${epoch} and state = 'active' returning id`.execute(db);
  return rows.length;
}

/**
 * Nobody acknowledged it: offered → taken_back, with the next fence, so that a late acknowledgement is refused. False
 * when it was acknowledged meanwhile.
 */
export async function takeBackAssignment(tx: Tx, id: AssignmentId, reason: string): Promise<boolean> {
  const { rows } = await sql`
    update assignments set state = 'taken_back', fence = fence + 1, reason = ${reason}, ended_at = groundcrew_now(),
      acknowledge_by_alive_ms = null
    where id = ${id} and state = 'offered' returning id`.execute(tx);
  return rows.length === 1;
}

/** The subject needs its nodes no longer, or they go before it has ended. Nothing happens when that was said before. */
export async function endAssignments(
  tx: Tx,
  { kind, subject }: { kind: AssignmentKind; subject: number },
  reason: string,
): Promise<void> {
  await sql`
    update assignments set state = 'ended', reason = ${reason}, ended_at = groundcrew_now(),
      acknowledge_by_alive_ms = null, lease_until_alive_ms = null
    where kind = ${kind} and subject = ${subject} and state in ('offered', 'active')`.execute(tx);
}

/** These nodes are gone, or going: what was given to whoever asked for them ends with them. Answers how many. */
export async function endGivenAway(db: Db): Promise<number> {
  const { rows } = await sql`
    update assignments set state = 'ended', reason = 'its node went', ended_at = groundcrew_now()
    where kind = 'request' and state in ('offered', 'active')
      and exists (select 1 from node_states node where node.id = assignments.node_id and node.state in ('deleting', 'deleted'))
    returning id`.execute(db);
  return rows.length;
}

/**
 * The node's newest session speaks for all that the node was given: from here on, words of an older connection are
 * void. Two connections at once may come here in any order: the newer one stays.
 */
export async function takeAssignmentsAlong(db: Db, node_id: NodeId, epoch: number): Promise<void> {
  await sql`
    update assignments set epoch = ${epoch}
    where node_id = ${node_id} and epoch < ${epoch}
      and (state in ('offered', 'active') or ended_at > groundcrew_now() - ${REMEMBERED}::interval)`.execute(db);
}
