import type { FleetMoment, PlannerRows, Planning } from '../../src/flow/fleet/rows.ts';
import type { LeaseRows, PlannedRows } from '../../src/nodes/rows.ts';
import type { HoldSnapshot, NodeSnapshot } from '../../src/nodes/snapshot.ts';
import { LASTS_MS } from '../../src/nodes/store/enter.ts';
import { statesBefore } from '../../src/nodes/store/move.ts';
import type { PlannedNode } from '../../src/nodes/store/planning.ts';
import { agentRows } from './agents.ts';
import { drivenRows } from './driven.ts';
import { listedRows } from './listed.ts';
import type { PlannerLock } from './lock.ts';
import { recordPoolFailure } from './statuses.ts';
import type { HoldRow, NodeRow, Tables } from './tables.ts';

/** The rows in memory: the same answers and refusals as PostgreSQL's, held to them by the contract suite beside. */
export function memoryRows(tables: Tables, lock: PlannerLock): PlannerRows {
  return {
    ...leaseRows(tables),
    ...plannedRows(tables),
    ...drivenRows(tables),
    ...listedRows(tables),
    ...agentRows(tables),
    moment: async () => readMoment(tables),
    planAlone: (work) => {
      const planned: PlannedNode[] = [];
      let wakes = false;
      const planning: Planning = {
        insertPlanned: async (nodes) => void planned.push(...nodes),
        wakeOwners: async () => {
          wakes = true;
        },
      };
      return lock.during(
        () => work(planning),
        () => {
          insert(tables, planned);
          if (wakes) tables.onWakeOwners();
        },
      );
    },
  };
}

function leaseRows(tables: Tables): LeaseRows {
  const held = (name: string, holder: string, epoch: number) => {
    const lease = tables.leases.get(name);
    return lease?.holder === holder && lease.epoch === epoch ? lease : undefined;
  };
  return {
    async takeLease(name, holder, lasts_ms) {
      const known = tables.leases.get(name);
      if (known !== undefined && known.holder !== holder && known.expires_at >= tables.now_ms()) return null;
      const epoch = (known?.epoch ?? 0) + 1;
      tables.leases.set(name, { holder, epoch, expires_at: tables.now_ms() + lasts_ms });
      return { epoch };
    },
    async renewLease(name, holder, epoch, lasts_ms) {
      const lease = held(name, holder, epoch);
      if (lease !== undefined) lease.expires_at = tables.now_ms() + lasts_ms;
      return lease !== undefined;
    },
    async releaseLease(name, holder, epoch) {
      const lease = held(name, holder, epoch);
      if (lease !== undefined) lease.expires_at = Number.NEGATIVE_INFINITY;
    },
  };
}

function plannedRows(tables: Tables): PlannedRows {
  const seen = (id: NodeRow['id'], version: number | undefined): NodeRow | undefined => {
    const row = tables.nodes.get(id);
    return version === undefined || row?.version === version ? row : undefined;
  };
  return {
    insertPlanned: async (nodes) => insert(tables, nodes),
    async retire({ node, reason, failure, ends_hold }) {
      const row = seen(node.id, node.version);
      if (row === undefined || !statesBefore('deleting').includes(row.state)) return false;
      tables.enter(row, 'deleting', { reason, fault: failure });
      tables.say(row, reason, 'fleet');
      const hold = tables.holds.get(row.id);
      if (ends_hold && hold?.released_by === null) hold.released_by = 'expiry';
      if (failure === null) return true;
      const { provider, node_type, created_at_ms: planned_at_ms } = node;
      recordPoolFailure(tables, { provider, node_type, fault: failure, message: reason, planned_at_ms, pause_ms: 0 });
      return true;
    },
    async remind({ id, version, reason, actor, deadline_after_ms }) {
      const row = seen(id, version);
      if (row === undefined) return false;
      row.version += 1;
      row.deadline = tables.now_ms() + deadline_after_ms;
      tables.say(row, reason, actor);
      return true;
    },
    async move(move) {
      const row = seen(move.id, move.version);
      const before = move.from === undefined ? statesBefore(move.to) : [move.from];
      if (row === undefined || !before.includes(row.state)) return false;
      tables.enter(row, move.to, move);
      tables.say(row, move.reason, move.actor);
      return true;
    },
  };
}

function insert(tables: Tables, nodes: readonly PlannedNode[]): void {
  const now_ms = tables.now_ms();
  for (const { reason, ...node } of structuredClone(nodes) as PlannedNode[]) {
    const row: NodeRow = {
      ...node,
      ...{ labels: [...node.labels], created_at: now_ms, state_since: now_ms, version: 0, claim: 0, state: 'planned' },
      ...{
        deadline: now_ms + (LASTS_MS.planned as number),
        deadline_alive_ms: null,
        ready_at: null,
        assigned_at: null,
      },
      ...{ launched_at: null, deleted_at: null, next_step_at: null, machine_stopped_since: null, external_id: null },
      ...{ step: null, attempts: 0, fault: null, console: null, end_reason: null, registration_hashes: null },
      ...{ session_hash: null, session_epoch: 0, agent_seen_alive_ms: null },
    };
    tables.nodes.set(row.id, row);
    tables.say(row, reason, 'fleet');
  }
}

function readMoment(tables: Tables): FleetMoment {
  const { alive_ms, observing } = tables;
  const nodes = [...tables.nodes.values()].filter(({ state }) => state !== 'deleted');
  const waiting = [...tables.requests.values()].filter(({ state }) => state === 'waiting');
  // Copies as far as rows change: labels, options and amounts never do.
  return {
    clocks: { now_ms: tables.now_ms(), alive_ms, observing },
    pools: [...tables.pools.values()].map(({ succeeded_at: _, ...status }) => status),
    providers: [...tables.providers.values()].map((status) => ({ ...status })),
    nodes: nodes
      .sort((a, b) => a.created_at - b.created_at || (a.id < b.id ? -1 : 1))
      .map((row) => nodeSnapshot(tables, row)),
    holds: [...tables.holds.values()].filter(({ released_by }) => released_by === null).map(holdSnapshot),
    waiting: waiting
      .sort((a, b) => b.priority - a.priority || a.id - b.id)
      .map(({ id, expressions, run_id, priority, created_at }) => {
        return { id, expressions, run_id, priority, waited_ms: tables.now_ms() - created_at };
      }),
  };
}

function nodeSnapshot(tables: Tables, row: NodeRow): NodeSnapshot {
  const { id, version, provider, node_type, labels, options, takes, state, agent_seen_alive_ms } = row;
  // As long as an outage of ours lasted, the deadlines of what waits for an agent are put off.
  const put_off = row.deadline_alive_ms === null ? null : tables.now_ms() + row.deadline_alive_ms - tables.alive_ms;
  return {
    ...{ id, version, provider, node_type, labels, options, takes, state, agent_seen_alive_ms },
    state_since_ms: row.state_since,
    deadline_ms: row.deadline !== null && put_off !== null ? Math.max(row.deadline, put_off) : row.deadline,
    created_at_ms: row.created_at,
    ready_at_ms: row.ready_at,
    machine_stopped_since_ms: row.machine_stopped_since,
  };
}

function holdSnapshot({ id, node_id, owner, reason, created_at, expires_at }: HoldRow): HoldSnapshot {
  return { id, node_id, owner, reason, created_at_ms: created_at, expires_at_ms: expires_at };
}
