import type { Amount } from '../../src/base/amount.ts';
import { GroundcrewError } from '../../src/base/errors/error.ts';
import type { FaultClass } from '../../src/base/faults.ts';
import type { HoldId, NodeId, RequestId, RunId } from '../../src/base/ids.ts';
import { canMove, type NodeState, WAITS_FOR_AGENT_STATES } from '../../src/nodes/state.ts';
import type { ProviderLease } from '../../src/nodes/store/drive.ts';
import { CLEARED, LASTS_MS, STAMPED } from '../../src/nodes/store/enter.ts';
import type { PoolStatus, ProviderStatus } from '../../src/nodes/store/status.ts';
import type { Step } from '../../src/providers/contract/calls.ts';
import { REQUEST_TRANSITIONS, type RequestState } from '../../src/requests/state.ts';

/** A row of `nodes`, by its columns' names; moments are milliseconds since 1970. */
export interface NodeRow {
  readonly id: NodeId;
  readonly provider: string;
  readonly node_type: string;
  readonly labels: string[];
  readonly options: Record<string, unknown>;
  readonly takes: Amount;
  readonly boot_timeout_ms: number;
  readonly check_timeout_ms: number;
  readonly created_at: number;
  version: number;
  claim: number;
  state: NodeState;
  state_since: number;
  deadline: number | null;
  deadline_alive_ms: number | null;
  ready_at: number | null;
  assigned_at: number | null;
  launched_at: number | null;
  deleted_at: number | null;
  next_step_at: number | null;
  machine_stopped_since: number | null;
  external_id: string | null;
  step: Step | null;
  attempts: number;
  fault: FaultClass | null;
  console: string | null;
  end_reason: string | null;
  /** Hexadecimal. */
  registration_hashes: string[] | null;
  session_hash: string | null;
  session_epoch: number;
  agent_seen_alive_ms: number | null;
}

export interface NodeEvent {
  node_id: NodeId;
  state: NodeState;
  reason: string;
  actor: string;
}

export interface LeakRow {
  provider: string;
  kind: string;
  external_id: string;
  node_id: NodeId | null;
  reason: string;
  first_seen_at: number;
  last_seen_at: number;
  agreed: boolean;
  step: Step | null;
  destroyed_at: number | null;
}

export interface RequestRow {
  readonly id: RequestId;
  readonly expressions: string[];
  readonly run_id: RunId | null;
  readonly priority: number;
  readonly created_at: number;
  state: RequestState;
  reason: string | null;
}

export interface HoldRow {
  readonly id: HoldId;
  readonly node_id: NodeId;
  readonly owner: string;
  readonly reason: string;
  readonly created_at: number;
  readonly expires_at: number;
  released_by: string | null;
}

/** What PostgreSQL holds of the fleet, in memory. */
export class Tables {
  readonly now_ms: () => number;
  alive_ms = 0;
  observing: boolean | null = false;
  /** Those that are not deleted. */
  readonly nodes = new Map<NodeId, NodeRow>();
  readonly events: NodeEvent[] = [];
  readonly holds = new Map<NodeId, HoldRow>();
  readonly leaks = new Map<string, LeakRow>();
  readonly leases = new Map<string, { holder: string; epoch: number; expires_at: number }>();
  readonly pools = new Map<string, PoolStatus & { succeeded_at: number | null }>();
  readonly providers = new Map<string, ProviderStatus>();
  readonly requests = new Map<RequestId, RequestRow>();
  /** Called after each change of a state, as the trigger is. */
  onMove: (node: NodeRow, from: NodeState) => void = () => undefined;
  onEvent: (event: NodeEvent) => void = () => undefined;
  onWakeOwners: () => void = () => undefined;

  #holds_made = 0;

  constructor(now_ms: () => number) {
    this.now_ms = now_ms;
  }

  leaseIsCurrent({ name, holder, epoch }: ProviderLease): boolean {
    const lease = this.leases.get(name);
    return lease?.holder === holder && lease.epoch === epoch && lease.expires_at > this.now_ms();
  }

  /**
   * The node enters a state, with all that belongs to it: by the same data as `store/enter.ts`. Error: GC1225, when
   * `state.ts` lists no such move, as the trigger says.
   */
  enter(
    row: NodeRow,
    to: NodeState,
    more: { deadline_after_ms?: number; reason?: string; fault?: FaultClass | null } = {},
  ) {
    const from = row.state;
    if (from !== to && !canMove(from, to)) {
      throw new GroundcrewError('GC1225', { detail: `${row.id} of nodes cannot go from ${from} to ${to}` });
    }
    row.version += 1;
    row.state = to;
    row.state_since = this.now_ms();
    const lasts_ms = this.#lastsMs(row, to, more.deadline_after_ms);
    row.deadline = lasts_ms === null ? null : this.now_ms() + lasts_ms;
    const waits = lasts_ms !== null && WAITS_FOR_AGENT_STATES.includes(to);
    row.deadline_alive_ms = waits ? this.alive_ms + lasts_ms : null;
    const columns = row as unknown as Record<string, unknown>;
    const stamp = STAMPED[to];
    if (stamp !== undefined) columns[stamp] = this.now_ms();
    for (const column of CLEARED[to] ?? []) columns[column] = null;
    if (to === 'deleting') {
      row.end_reason = more.reason ?? null;
      row.attempts = 0;
      row.fault = more.fault ?? row.fault;
    }
    if (to === 'deleted') this.nodes.delete(row.id);
    this.onMove(row, from);
  }

  say(row: NodeRow, reason: string, actor: string): void {
    const event = { node_id: row.id, state: row.state, reason, actor };
    this.events.push(event);
    this.onEvent(event);
  }

  /** What a person does: as `insertHold`. */
  addHold(node_id: NodeId, hold: { owner: string; reason: string; lasts_ms: number }): void {
    const { owner, reason, lasts_ms } = hold;
    const times = { created_at: this.now_ms(), expires_at: this.now_ms() + lasts_ms };
    this.#holds_made += 1;
    this.holds.set(node_id, { id: this.#holds_made as HoldId, node_id, owner, reason, ...times, released_by: null });
  }

  /** As `insertRequest`. */
  addRequest(expressions: readonly string[]): RequestId {
    const id = (this.requests.size + 1) as RequestId;
    const request = { id, expressions: [...expressions], run_id: null, priority: 0, created_at: this.now_ms() };
    this.requests.set(id, { ...request, state: 'waiting', reason: null });
    return id;
  }

  /** Error: GC1225. */
  endRequest(row: RequestRow, to: RequestState, reason: string | null): void {
    if (!REQUEST_TRANSITIONS[row.state].includes(to)) {
      throw new GroundcrewError('GC1225', { detail: `${row.id} of requests cannot go from ${row.state} to ${to}` });
    }
    row.state = to;
    row.reason = reason;
  }

  #lastsMs(row: NodeRow, to: NodeState, given_ms: number | undefined): number | null {
    if (to === 'running' || to === 'held') return given_ms ?? 0;
    const lasts = LASTS_MS[to];
    return typeof lasts === 'string' ? row[lasts] : lasts;
  }
}
