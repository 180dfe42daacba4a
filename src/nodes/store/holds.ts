import { sql } from 'kysely';
import type { HoldId, NodeId, RunId } from '../../base/ids.ts';
import type { Db, Tx } from '../../store/schema/database.ts';

export interface NewHold {
  node_id: NodeId;
  run_id: RunId | null;
  owner: string;
  reason: string;
  duration_ms: number;
  /** The configuration's rule whose budget it counts against; null: a person's, or a job's own. */
  rule: string | null;
  /** It ends with a verdict that needs no hold. Default false. */
  until_verdict?: boolean;
}

/** A node has one hold at a time. */
export async function insertHold(tx: Tx, hold: NewHold): Promise<HoldId> {
  const { rows } = await sql<{ id: HoldId }>`
    insert into holds (node_id, run_id, owner, reason, rule, until_verdict, expires_at)
    values (${hold.node_id}, ${hold.run_id}, ${hold.owner}, ${hold.reason}, ${hold.rule}, ${hold.until_verdict ?? false},
      groundcrew_now() + ${hold.duration_ms}::float8 * interval '1 ms')
    returning id`.execute(tx);
  return (rows[0] as { id: HoldId }).id;
}

/** Live holds under rules of the configuration, by one statement; a rule that has none is not in the answer. */
export async function countHolds(db: Db, rules: readonly string[]): Promise<Map<string, number>> {
  if (rules.length === 0) return new Map();
  const { rows } = await sql<{ rule: string; count: number }>`
    select h.rule, count(*)::int as count from holds h join nodes n on n.id = h.node_id
    where h.rule = any(${rules}::text[]) and h.released_at is null and n.state = 'held' group by h.rule`.execute(db);
  return new Map(rows.map(({ rule, count }) => [rule, count]));
}

/** Ends the node's hold; null when it has none. */
export async function closeHold(tx: Tx, node_id: NodeId, actor: string): Promise<{ id: HoldId; owner: string } | null> {
  const { rows } = await sql<{ id: HoldId; owner: string }>`
    update holds set released_at = groundcrew_now(), released_by = ${actor}
    where node_id = ${node_id} and released_at is null returning id, owner`.execute(tx);
  return rows[0] ?? null;
}

/** Ends the hold that only waited for a verdict; false when the node has none such. */
export async function closeHoldUntilVerdict(tx: Tx, node_id: NodeId): Promise<boolean> {
  const { rows } = await sql`
    update holds set released_at = groundcrew_now(), released_by = 'verdict'
    where node_id = ${node_id} and released_at is null and until_verdict returning id`.execute(tx);
  return rows.length === 1;
}

/** The verdict gives the hold that waited for it its reason. */
export async function keepHoldUntilVerdict(tx: Tx, node_id: NodeId, reason: string): Promise<void> {
  await sql`
    update holds set until_verdict = false, reason = ${reason}
    where node_id = ${node_id} and released_at is null and until_verdict`.execute(tx);
}

/** The hold lasts until this much later than now, whatever the verdict; answers when that is, null when there is no live hold. */
export async function setHoldExpiry(tx: Tx, node_id: NodeId, from_now_ms: number): Promise<Date | null> {
  const { rows } = await sql<{ expires_at: Date }>`
    update holds set expires_at = groundcrew_now() + ${from_now_ms}::float8 * interval '1 ms', until_verdict = false
    where node_id = ${node_id} and released_at is null returning expires_at`.execute(tx);
  return rows[0]?.expires_at ?? null;
}

/** The node's hold that is neither released nor over; null: none. */
export async function liveHold(
  db: Db,
  node_id: NodeId,
): Promise<{ owner: string; reason: string; left_ms: number } | null> {
  const { rows } = await sql<{ owner: string; reason: string; left_ms: number }>`
    select owner, reason, extract(epoch from expires_at - groundcrew_now())::float8 * 1000 as left_ms
    from holds where node_id = ${node_id} and released_at is null and expires_at > groundcrew_now()`.execute(db);
  return rows[0] ?? null;
}
