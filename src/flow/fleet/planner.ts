import { nextTurn } from '../../base/clock.ts';
import { messageOf } from '../../base/errors/error.ts';
import type { NodeId } from '../../base/ids.ts';
import { randomName } from '../../base/random.ts';
import type { FleetAction, FleetPlan, LaunchAction, RemindAction, RetireAction } from '../../nodes/plan/actions.ts';
import { planInSlices } from '../../nodes/plan.ts';
import type { FleetSnapshot } from '../../nodes/snapshot.ts';
import { DELETE_REMINDER_MS } from '../../nodes/store/enter.ts';
import type { PlannedNode } from '../../nodes/store/planning.ts';
import type { Services } from '../services.ts';
import { readFleetSnapshot, type SnapshotServices } from './snapshot.ts';

/** Rows changed by one turn; what is more follows in the next. */
const ACTIONS_MOST = 1_000;

/** What planning needs of its process: in the simulator, no more than this is there. */
export type PlanServices = SnapshotServices & Pick<Services, 'random' | 'log' | 'metrics'>;

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
export async function planTurn(services: PlanServices): Promise<PlanTurn> {
  const { turn, launches } = await services.fleet_rows.planAlone(async (planning) => {
    // On a connection of its own, so that it shows what the planner before committed.
    const snapshot = await readFleetSnapshot(services);
    const { actions: planned } = await planGivingWay(snapshot);
    const actions = planned.slice(0, ACTIONS_MOST);
    // Each move is a transaction of its own, on another connection: none of them waits for rows while it holds others.
    for (const action of actions) await applyMove(services, action);
    const launches = actions.filter((action) => action.kind === 'launch');
    await planning.insertPlanned(launches.map((action) => plannedNode(services, action)));
    if (actions.length > 0) await planning.wakeOwners();
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

function plannedNode(services: PlanServices, { pool, reason }: LaunchAction): PlannedNode {
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

async function applyMove(services: PlanServices, action: FleetAction): Promise<void> {
  if (action.kind === 'launch') return;
  try {
    if (action.kind === 'retire') await applyRetire(services, action);
    else await applyRemind(services, action);
  } catch (error) {
    // The others go on; this one is planned again.
    services.log.error({ node_id: action.node.id, error: messageOf(error) }, 'a planned move failed');
  }
}

async function applyRetire(services: PlanServices, { node, reason, cause, failure }: RetireAction): Promise<void> {
  const ends_hold = node.state === 'held';
  if (!(await services.fleet_rows.retire({ node, reason, failure, ends_hold }))) return;
  services.metrics?.count('nodes_retired', { provider: node.provider, cause });
  services.log.info({ node_id: node.id, cause, reason }, 'a node is on its way out');
}

async function applyRemind(services: PlanServices, { node, reason }: RemindAction): Promise<void> {
  services.log.warn({ node_id: node.id, reason }, 'a deletion takes long');
  const { id, version } = node;
  const deadline_after_ms = DELETE_REMINDER_MS;
  await services.fleet_rows.remind({ id, version, reason, actor: 'fleet', deadline_after_ms });
}
