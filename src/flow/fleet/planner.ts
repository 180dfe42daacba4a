import { dateFrom, nextTurn } from '../../base/clock.ts';
import { messageOf } from '../../base/errors/error.ts';
import type { NodeId } from '../../base/ids.ts';
import { randomName } from '../../base/random.ts';
import type { FleetAction, FleetPlan, LaunchAction, RemindAction, RetireAction } from '../../nodes/plan/actions.ts';
import { planInSlices } from '../../nodes/plan.ts';
import type { FleetSnapshot } from '../../nodes/snapshot.ts';
import { DELETE_REMINDER_MS } from '../../nodes/store/enter.ts';
import { closeHold } from '../../nodes/store/holds.ts';
import { moveNode, remindNode } from '../../nodes/store/move.ts';
import { insertPlanned } from '../../nodes/store/planning.ts';
import { recordPoolFailure } from '../../nodes/store/status.ts';
import { FLEET_WAKE } from '../../nodes/wake.ts';
import { withTransactionLock } from '../../store/advisory.ts';
import { notify } from '../../store/notify.ts';
import type { Services } from '../services.ts';
import { readFleetSnapshot } from './snapshot.ts';

/** Rows changed by one turn; what is more follows in the next. */
const ACTIONS_MOST = 1_000;

export interface PlanTurn {
  actions: number;
  /** There was more to do than one turn does. */
  more: boolean;
  observing: boolean;
  /** Nothing is on its way, nobody waits, and nothing was planned. */
  calm: boolean;
}

/**
 * One planning turn over all providers: what is planned becomes rows, which the providers' owners then carry out.
 * Processes plan one after the other, under a lock: two never launch for the same need, nor pass a limit together.
 */
export async function planTurn(services: Services): Promise<PlanTurn> {
  const { connection } = services;
  const { turn, launches } = await connection.db.transaction().execute(async (tx) => {
    await withTransactionLock(tx, 'planner');
    // On a connection of its own, so that it shows what the planner before committed.
    const snapshot = await readFleetSnapshot(services);
    const { actions: planned } = await planGivingWay(snapshot);
    const actions = planned.slice(0, ACTIONS_MOST);
    // Each move is a transaction of its own, on another connection: none of them waits for rows while it holds others.
    for (const action of actions) await applyMove(services, action);
    const launches = actions.filter((action) => action.kind === 'launch');
    await insertPlanned(
      tx,
      launches.map((action) => plannedNode(services, action)),
    );
    if (actions.length > 0) await notify(tx, 'fleet', FLEET_WAKE.due);
    const turn: PlanTurn = {
      actions: actions.length,
      more: planned.length > actions.length,
      observing: snapshot.observing,
      calm: actions.length === 0 && isCalm(snapshot),
    };
    return { turn, launches };
  });
  for (const { pool } of launches) {
    services.metrics?.count('nodes_planned', { provider: pool.provider, node_type: pool.node_type });
  }
  return turn;
}

function isCalm({ nodes, demand, observing }: FleetSnapshot): boolean {
  const settled = nodes.every(({ state }) => state === 'ready' || state === 'assigned' || state === 'running');
  return settled && demand.length === 0 && !observing;
}

/** Plans, and lets assignments go before each slice. */
export async function planGivingWay(snapshot: FleetSnapshot): Promise<FleetPlan> {
  const slices = planInSlices(snapshot);
  for (;;) {
    const slice = slices.next();
    if (slice.done === true) return slice.value;
    await nextTurn();
  }
}

function plannedNode(services: Services, { pool, reason }: LaunchAction) {
  return {
    id: `n-${randomName(services.random, 8)}` as NodeId,
    provider: pool.provider,
    node_type: pool.node_type,
    labels: pool.labels,
    options: pool.options,
    takes: pool.takes,
    boot_timeout_ms: pool.boot_timeout_ms,
    check_timeout_ms: pool.check_timeout_ms,
    reason,
  };
}

async function applyMove(services: Services, action: FleetAction): Promise<void> {
  if (action.kind === 'launch') return;
  try {
    if (action.kind === 'retire') await applyRetire(services, action);
    else await applyRemind(services, action);
  } catch (error) {
    // The others go on; this one is planned again.
    services.log.error({ node_id: action.node.id, error: messageOf(error) }, 'a planned move failed');
  }
}

async function applyRetire(services: Services, { node, reason, cause, failure }: RetireAction): Promise<void> {
  const moved = await services.connection.db.transaction().execute(async (tx) => {
    const { id, version } = node;
    if (!(await moveNode(tx, { id, version, to: 'deleting', reason, actor: 'fleet', fault: failure }))) return false;
    if (node.state === 'held') await closeHold(tx, id, 'expiry');
    if (failure !== null) {
      const { provider, node_type } = node;
      const planned_at = dateFrom(node.created_at_ms);
      await recordPoolFailure(tx, { provider, node_type, fault: failure, message: reason, planned_at, pause_ms: 0 });
    }
    await notify(tx, 'node', id);
    return true;
  });
  if (!moved) return;
  services.metrics?.count('nodes_retired', { provider: node.provider, cause });
  services.log.info({ node_id: node.id, cause, reason }, 'a node is on its way out');
}

async function applyRemind(services: Services, { node, reason }: RemindAction): Promise<void> {
  services.log.warn({ node_id: node.id, reason }, 'a deletion takes long');
  const { id, version } = node;
  await remindNode(services.connection.db, {
    id,
    version,
    reason,
    actor: 'fleet',
    deadline_after_ms: DELETE_REMINDER_MS,
  });
}
