import { type RawBuilder, sql } from 'kysely';
import type { FaultClass } from '../../base/faults.ts';
import { type NodeState, WAITS_FOR_AGENT_STATES } from '../state.ts';

/** A state whose deadline its own entry knows; the others are told by whoever moves the node. */
export type TimedState = Exclude<NodeState, 'running' | 'held'>;

/** A deletion that takes longer than this is said in the node's events. */
export const DELETE_REMINDER_MS = 600_000;
/** How long a planned node may wait for its provider's turn. */
const PLANNED_TIMEOUT_MS = 600_000;
/** The reaper takes an unacknowledged assignment back long before; this is for what nobody looks after. */
const ASSIGNED_TIMEOUT_MS = 60_000;

/** How long each state may last, in milliseconds, or by which column of the node's row; null: for ever. */
export const LASTS_MS: Readonly<Record<TimedState, number | 'boot_timeout_ms' | 'check_timeout_ms' | null>> = {
  planned: PLANNED_TIMEOUT_MS,
  launching: 'boot_timeout_ms',
  booting: 'boot_timeout_ms',
  checking: 'check_timeout_ms',
  ready: null,
  assigned: ASSIGNED_TIMEOUT_MS,
  deleting: DELETE_REMINDER_MS,
  deleted: null,
};

/** What a node has no more from each state on: secrets of its agent, and what was kept for the state before. */
export const CLEARED: Readonly<Partial<Record<NodeState, readonly string[]>>> = {
  ready: ['fault'],
  // Not `next_step_at`: a launch call may be under way, and the machine is destroyed when that is over. Nor `step`: the
  // destroy goes on from where the launch was.
  deleting: ['registration_hashes', 'session_hash'],
  deleted: ['step', 'next_step_at', 'registration_hashes', 'session_hash'],
};

/** The moment at which each state was entered, where a column of its own keeps it. */
export const STAMPED: Readonly<Partial<Record<NodeState, string>>> = {
  ready: 'ready_at',
  assigned: 'assigned_at',
  deleted: 'deleted_at',
};

interface EntryOptions {
  /** Only where this holds of the row; elsewhere its state, and all that belongs to it, stay as they are. */
  when?: RawBuilder<boolean>;
}

export type Entry = EntryOptions &
  (
    | { to: Exclude<TimedState, 'deleting'> }
    | { to: 'deleting'; reason: string; fault?: FaultClass | null }
    | { to: 'running' | 'held'; deadline_after_ms: number }
  );

/** The deadline of a state that begins now, for an insert. */
export const deadlineOf = (to: 'planned'): RawBuilder<Date> => after(sql`${sql.lit(LASTS_MS[to])}`);

const after = (lasts_ms: RawBuilder<unknown>): RawBuilder<Date> =>
  sql`groundcrew_now() + ${lasts_ms} * interval '1 ms'`;

function lastsMs(entry: Entry): RawBuilder<unknown> | null {
  if (entry.to === 'running' || entry.to === 'held') return sql`${entry.deadline_after_ms}::float8`;
  const lasts = LASTS_MS[entry.to];
  return typeof lasts === 'string' ? sql.ref(`nodes.${lasts}`) : lasts === null ? null : sql`${sql.lit(lasts)}`;
}

/**
 * The one way in which a node enters a state: the part of `update nodes set …` that writes the state, when it began and
 * ends, the next version, and what belongs to it no more. Where the state waits for the node's agent, its deadline is
 * kept on the alive clock too. The version is bumped whether or not `when` holds.
 */
export function enterState(entry: Entry): RawBuilder<unknown> {
  const { to } = entry;
  const lasts_ms = lastsMs(entry);
  const columns = new Map<string, RawBuilder<unknown>>([
    ['state', sql`${sql.lit(to)}`],
    ['state_since', sql`groundcrew_now()`],
    ['deadline', lasts_ms === null ? sql`null::timestamptz` : after(lasts_ms)],
    [
      'deadline_alive_ms',
      lasts_ms !== null && WAITS_FOR_AGENT_STATES.includes(to)
        ? sql`(select alive_ms from alive_clock) + ${lasts_ms}`
        : sql`null::bigint`,
    ],
  ]);
  const stamp = STAMPED[to];
  if (stamp !== undefined) columns.set(stamp, sql`groundcrew_now()`);
  for (const column of CLEARED[to] ?? []) columns.set(column, sql`null`);
  if (entry.to === 'deleting') {
    columns.set('end_reason', sql`${entry.reason}::text`).set('attempts', sql`0`);
    columns.set('fault', sql`coalesce(${entry.fault ?? null}, nodes.fault)`);
  }
  const settings = [...columns].map(([column, value]) => {
    if (entry.when === undefined) return sql`${sql.ref(column)} = ${value}`;
    return sql`${sql.ref(column)} = case when ${entry.when} then ${value} else ${sql.ref(`nodes.${column}`)} end`;
  });
  return sql`version = nodes.version + 1, ${sql.join(settings)}`;
}
