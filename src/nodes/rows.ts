import type { FaultClass } from '../base/faults.ts';
import type { NodeId } from '../base/ids.ts';
import type { NodeFacts } from '../protocol/agent.ts';
import type { Step } from '../providers/contract/calls.ts';
import type { KnownLeak, LeakKey, SweepRow } from './plan/sweep.ts';
import type { PreflightReport } from './preflight.ts';
import type { AgentNode } from './store/agent.ts';
import type { NodeAssignment, ReadyNode } from './store/assign.ts';
import type { Claim, DestroyCall, DrivenNode, LaunchAnswer, LaunchCall, ProviderLease } from './store/drive.ts';
import type { NodeMove } from './store/move.ts';
import type { PlannedNode } from './store/planning.ts';
import type { Listing } from './store/status.ts';

/**
 * What the fleet reads and writes of its rows: the port between plan and effects on one side and PostgreSQL
 * (`sql-rows.ts`) or the simulator's memory (`sim/rows/`) on the other. Each method is one commit: all of it is done, or
 * nothing. What a method answers, and what it refuses, is held by one contract suite for both.
 */
export interface FleetRows extends LeaseRows, PlannedRows, DrivenRows, ListedRows, AgentRows {}

/** Who owns a provider, by the rows' own clock. */
export interface LeaseRows {
  /** The next epoch of the name; null while another holds it. */
  takeLease(name: string, holder: string, lasts_ms: number): Promise<{ readonly epoch: number } | null>;
  /** False when another has taken it meanwhile. */
  renewLease(name: string, holder: string, epoch: number, lasts_ms: number): Promise<boolean>;
  releaseLease(name: string, holder: string, epoch: number): Promise<void>;
}

/** What a plan becomes. */
export interface PlannedRows {
  insertPlanned(nodes: readonly PlannedNode[]): Promise<void>;
  /** False when the node is not as it was seen any more. */
  retire(retirement: Retirement): Promise<boolean>;
  /** An event without a move, and another deadline. False when the node is not as it was seen any more. */
  remind(reminder: Reminder): Promise<boolean>;
  /** Any listed move; false when the node is not in that state, or version, any more. */
  move(move: NodeMove): Promise<boolean>;
}

/** → deleting, with the end of its hold and what its node type has of it; its agent is told. */
export interface Retirement {
  node: { id: NodeId; version: number; provider: string; node_type: string; created_at_ms: number };
  reason: string;
  /** Set when the node failed on its way to be ready: its node type backs off. */
  failure: FaultClass | null;
  /** Its hold ends with it. */
  ends_hold: boolean;
}

export interface Reminder {
  id: NodeId;
  version: number;
  reason: string;
  actor: string;
  deadline_after_ms: number;
}

/** What is written before and after each call of a driver for a node. */
export interface DrivenRows {
  dueNodes(provider: string, most: number): Promise<DrivenNode[]>;
  freeClaims(provider: string): Promise<void>;
  claimLaunches(calls: readonly LaunchCall[], lease: ProviderLease): Promise<(Claim | null)[]>;
  claimDestroys(calls: readonly DestroyCall[], lease: ProviderLease): Promise<(Claim | null)[]>;
  recordStep(claim: Claim, work: 'launch' | 'destroy', progress: { step: Step; poll_ms: number }): Promise<boolean>;
  recordLaunched(answers: readonly LaunchAnswer[]): Promise<boolean[]>;
  recordDestroyed(claims: readonly Claim[]): Promise<boolean[]>;
  recordRetry(claim: Claim, retry: { delay_ms: number; fault: FaultClass; counts: boolean }): Promise<boolean>;
  /** False when the node is not launching any more, or another process claimed it. */
  giveUpLaunch(claim: Claim, failure: LaunchFailure): Promise<boolean>;
  saveConsole(id: NodeId, text: string): Promise<void>;
}

/** launching → deleting, with what follows for its node type. */
export interface LaunchFailure {
  provider: string;
  node_type: string;
  fault: FaultClass;
  /** Of the node. */
  reason: string;
  /** Of the node type. */
  message: string;
  /** The node type backs off; else it only pauses. */
  failed: boolean;
  pause_ms: number;
}

/** What a look at a provider reads and keeps. */
export interface ListedRows {
  now_ms(): Promise<number>;
  sweepRows(provider: string): Promise<SweepRow[]>;
  knownLeaks(provider: string): Promise<KnownLeak[]>;
  noteLeak(leak: LeakKey & { provider: string; node_id: NodeId | null; reason: string }): Promise<void>;
  forgetLeaks(provider: string, leaks: readonly LeakKey[]): Promise<void>;
  noteStopped(found: { stopped: readonly NodeId[]; resumed: readonly NodeId[] }): Promise<void>;
  /** Null: leave it alone; else how far its destruction is. */
  claimLeak(
    leak: LeakKey & { node_id: NodeId },
    lease: ProviderLease,
    provider: string,
  ): Promise<{ step: Step | null } | null>;
  recordLeakStep(provider: string, leak: LeakKey, step: Step): Promise<void>;
  leakDestroyed(provider: string, leak: LeakKey): Promise<void>;
  recordListing(provider: string, listing: Listing): Promise<void>;
  recordProviderFault(
    provider: string,
    failure: { fault: FaultClass; message: string; pause_ms: number },
  ): Promise<void>;
}

/** What agents and the allocator do to the rows of nodes. */
export interface AgentRows {
  /** Null: no node waits for this token. */
  registerAgent(token_hash: Buffer, session_hash: Buffer, facts?: NodeFacts | null): Promise<AgentNode | null>;
  /** Its token is spent: no other machine registers with it any more. */
  spendToken(id: NodeId, epoch: number): Promise<void>;
  nodesSeen(ids: readonly NodeId[]): Promise<void>;
  preflightPassed(reports: readonly PreflightReport[]): Promise<boolean[]>;
  preflightFailed(report: PreflightReport): Promise<boolean>;
  readyNodes(most: number): Promise<ReadyNode[]>;
  /** Ready → assigned; answers those that were still as they were seen. */
  assignNodes(assignments: readonly NodeAssignment[]): Promise<{ id: NodeId; epoch: number }[]>;
}
