import { GroundcrewError } from '../../base/errors/error.ts';
import type { NodeId, RunId } from '../../base/ids.ts';
import { formatDuration } from '../../base/units.ts';
import { NODE_ACTIONS, type NodeAction, type NodeState } from '../../nodes/state.ts';
import {
  closeHold,
  closeHoldUntilVerdict,
  countHolds,
  insertHold,
  keepHoldUntilVerdict,
  liveHold,
  setHoldExpiry,
} from '../../nodes/store/holds.ts';
import { lockNode, moveNode, remindNode } from '../../nodes/store/move.ts';
import { withTransactionLock } from '../../store/advisory.ts';
import { recordAudit } from '../../store/audit.ts';
import { notify } from '../../store/notify.ts';
import type { Tx } from '../../store/schema/database.ts';
import type { Services } from '../services.ts';

/** Who did it and what they said. */
export interface Doing {
  actor: string;
  reason: string;
}

export interface HoldDoing extends Doing {
  /** From now. */
  duration_ms: number;
}

/**
 * Keeps a node for a person: a ready one at once, a running one when its run ends, whatever the verdict.
 * Errors: GC1002 no such node, GC1009 not in a state that allows it, GC1402 held already.
 */
export async function holdNode(services: Services, node_id: NodeId, doing: HoldDoing): Promise<void> {
  await change(services, node_id, 'hold', doing, async (tx, state) => {
    const { actor: owner, reason, duration_ms } = doing;
    if ((await liveHold(tx, node_id)) !== null) throw refusal('hold', node_id, 'held already');
    // One that is over and was not closed yet makes room for the new one.
    await closeHold(tx, node_id, 'expiry');
    if (state === 'ready') {
      const event = `held by ${owner} for ${formatDuration(duration_ms)}: ${reason}`;
      const move = { id: node_id, from: state, to: 'held', reason: event, actor: owner } as const;
      if (!(await moveNode(tx, { ...move, deadline_after_ms: duration_ms }))) return false;
    }
    await insertHold(tx, { node_id, run_id: null, owner, reason, duration_ms, rule: null });
    return true;
  });
}

/** Ends a hold: the node is deleted. One that was only promised to a running node is taken back. Errors: as above. */
export async function releaseHold(services: Services, node_id: NodeId, doing: Doing): Promise<void> {
  await change(services, node_id, null, doing, async (tx, state) => {
    const hold = await closeHold(tx, node_id, doing.actor);
    if (state !== 'held') {
      if (hold === null) throw refusal('release', node_id, state);
      return true;
    }
    const owner = hold === null ? '' : ` (owner ${hold.owner})`;
    return await retireByHand(tx, node_id, state, doing, `its hold was released by ${doing.actor}${owner}`);
  });
}

/** A hold lasts this much longer, counted from now. Errors: as above. */
export async function extendHold(services: Services, node_id: NodeId, doing: HoldDoing): Promise<void> {
  await change(services, node_id, 'extend', doing, async (tx) => {
    const expires_at = await setHoldExpiry(tx, node_id, doing.duration_ms);
    if (expires_at === null) throw refusal('extend the hold of', node_id, 'not held any more');
    const reason = `its hold now lasts ${formatDuration(doing.duration_ms)} from here: ${doing.reason}`;
    return await remindNode(tx, { id: node_id, reason, actor: doing.actor, deadline_after_ms: doing.duration_ms });
  });
}

/** Deletes a node by hand, whatever it does. Errors: as above. */
export async function deleteNode(services: Services, node_id: NodeId, doing: Doing): Promise<void> {
  await change(services, node_id, 'delete', doing, async (tx, state) => {
    await closeHold(tx, node_id, doing.actor);
    return await retireByHand(tx, node_id, state, doing, doing.reason);
  });
}

/** One transaction: lock, check, change, audit, wake-ups. With the node locked, its run cannot end in between. */
async function change(
  services: Services,
  node_id: NodeId,
  action: NodeAction | null,
  doing: Doing,
  work: (tx: Tx, state: NodeState) => Promise<boolean>,
): Promise<void> {
  await services.connection.db.transaction().execute(async (tx) => {
    const node = await lockNode(tx, node_id);
    if (node === null) throw new GroundcrewError('GC1002', { kind: 'node', id: node_id });
    const done = (action === null || NODE_ACTIONS[action].includes(node.state)) && (await work(tx, node.state));
    if (!done) throw refusal(action ?? 'release', node_id, node.state);
    await recordAudit(tx, doing.actor, `node.${action ?? 'release'}`, node_id, { ...doing });
    await notify(tx, 'node', node_id);
    await notify(tx, 'fleet', node_id);
  });
}

function refusal(action: string, node_id: NodeId, state: string): GroundcrewError {
  if (action === 'hold' && state.startsWith('held')) return new GroundcrewError('GC1402', { id: node_id });
  return new GroundcrewError('GC1009', { action, kind: 'node', id: node_id, state });
}

async function retireByHand(tx: Tx, id: NodeId, from: NodeState, doing: Doing, reason: string): Promise<boolean> {
  return await moveNode(tx, { id, from, to: 'deleting', reason, actor: doing.actor });
}

/** What becomes of a node whose run has its verdict. */
export interface Freeze {
  node_id: NodeId;
  run_id?: RunId | null;
  /** Null: nobody asked to keep it. */
  hold: PlannedHold | null;
  /** As the caller locked it; left out, it is locked here, which is too late for one that has locked a run. */
  node?: { state: NodeState } | null;
  /** Why it is deleted, or what is said beside a hold that was promised before. */
  reason: string;
}

export interface PlannedHold {
  owner: string;
  reason: string;
  duration_ms: number;
  /** A rule with a budget: beyond `at_most` live holds under it the node is deleted instead. */
  rule?: { name: string; at_most: number };
  /** The verdict is not known yet: if it needs no hold, this one ends with it. */
  until_verdict?: boolean;
}

/**
 * Ends the freeze of a node in the transaction of its run's verdict: running → held with a hold row, or → deleting. A
 * hold that a person promised meanwhile is kept whatever the verdict. When the freeze ended before the verdict was known,
 * the verdict decides about the hold that the node got then. Answers what it came to; `gone`: the node was on
 * its way out already.
 */
export async function freezeVerdict(tx: Tx, freeze: Freeze): Promise<'held' | 'deleting' | 'gone'> {
  const { node_id: id } = freeze;
  // A hold that is being promised now is seen here, or is refused because the node is going.
  const node = freeze.node === undefined ? await lockNode(tx, id) : freeze.node;
  if (node?.state === 'held') return await decideHold(tx, freeze);
  const promised = await liveHold(tx, id);
  if (promised !== null) {
    const reason = `${freeze.reason}; kept for ${promised.owner}: ${promised.reason}`;
    const move = { id, from: 'running', to: 'held', reason, actor: promised.owner } as const;
    if (await moveNode(tx, { ...move, deadline_after_ms: promised.left_ms })) return await woken(tx, id, 'held');
  }
  const planned = promised === null ? freeze.hold : null;
  const refused = planned === null ? null : await overBudget(tx, planned);
  if (planned !== null && refused === null) {
    const { owner, duration_ms } = planned;
    const move = { id, from: 'running', to: 'held', reason: planned.reason, actor: 'runs' } as const;
    if (await moveNode(tx, { ...move, deadline_after_ms: duration_ms })) {
      // Only one that is over can be there still.
      await closeHold(tx, id, 'expiry');
      const rule = planned.rule?.name ?? null;
      await insertHold(tx, {
        node_id: id,
        run_id: freeze.run_id ?? null,
        owner,
        reason: planned.reason,
        duration_ms,
        rule,
        until_verdict: planned.until_verdict ?? false,
      });
      return await woken(tx, id, 'held');
    }
  }
  const reason = refused === null ? freeze.reason : `${freeze.reason}; ${refused}`;
  await closeHold(tx, id, 'verdict');
  const move = { id, to: 'deleting', reason, actor: 'runs' } as const;
  return (await moveNode(tx, move)) ? await woken(tx, id, 'deleting') : 'gone';
}

/** A person's hold, and one that a person has extended, outlast every verdict. */
async function decideHold(tx: Tx, { node_id: id, hold, reason }: Freeze): Promise<'held' | 'deleting'> {
  if (hold !== null) await keepHoldUntilVerdict(tx, id, hold.reason);
  else if (await closeHoldUntilVerdict(tx, id)) {
    await moveNode(tx, { id, from: 'held', to: 'deleting', reason, actor: 'runs' });
    return await woken(tx, id, 'deleting');
  }
  return await woken(tx, id, 'held');
}

async function overBudget(tx: Tx, hold: PlannedHold): Promise<string | null> {
  if (hold.rule === undefined) return null;
  // Two verdicts at once must not both take the last place.
  await withTransactionLock(tx, 'holds');
  const held = (await countHolds(tx, [hold.rule.name])).get(hold.rule.name) ?? 0;
  return held < hold.rule.at_most
    ? null
    : `not held: ${held} of ${hold.rule.at_most} holds of ${hold.rule.name} are taken`;
}

async function woken<T>(tx: Tx, id: NodeId, outcome: T): Promise<T> {
  await notify(tx, 'node', id);
  await notify(tx, 'fleet', id);
  return outcome;
}
