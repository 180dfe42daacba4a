import { type RawBuilder, sql } from 'kysely';
import type { RunState } from '../state.ts';

/** A state that a run may enter after its first one. */
type EnteredState = Exclude<RunState, 'waiting'>;

/** The moment at which each state was entered. */
const STAMPED: Readonly<Record<EnteredState, string>> = {
  queued: 'queued_at',
  assigned: 'assigned_at',
  running: 'started_at',
  finishing: 'ended_at',
  finished: 'finished_at',
};

/** What a run has no more from each state on: what it waited for, who had it, and the deadlines of the state before. */
const CLEARED: Readonly<Record<EnteredState, readonly string[]>> = {
  queued: ['waits_for_node', 'waits_until', 'assignment_id', 'request_id', 'assigned_at'],
  assigned: [],
  running: [],
  finishing: ['timeout_at_alive_ms', 'cancel_by'],
  finished: ['timeout_at_alive_ms', 'finish_by_alive_ms', 'cancel_by', 'waits_for_node', 'waits_until'],
};

/** The one way in which a run enters a state: the part of `update runs set …` that writes all that belongs to it. */
export function enterState(to: EnteredState): RawBuilder<unknown> {
  const cleared = CLEARED[to].map((column) => sql`, ${sql.ref(column)} = null`);
  return sql`state = ${sql.lit(to)}, ${sql.ref(STAMPED[to])} = groundcrew_now()${sql.join(cleared, sql``)}`;
}
