import { dateFrom } from '../base/clock.ts';
import { releaseLease, renewLease, takeLease } from '../store/leases.ts';
import { notify } from '../store/notify.ts';
import type { Db } from '../store/schema/database.ts';
import { preflightFailed, preflightPassed } from './preflight.ts';
import type { AgentRows, DrivenRows, FleetRows, LaunchFailure, ListedRows, Retirement } from './rows.ts';
import { nodesSeen, registerAgent, spendToken } from './store/agent.ts';
import { assignNodes, readyNodes } from './store/assign.ts';
import {
  type Claim,
  claimDestroys,
  claimLaunches,
  dueNodes,
  freeClaims,
  recordDestroyed,
  recordLaunched,
  recordLaunchFailed,
  recordRetry,
  recordStep,
  saveConsole,
} from './store/drive.ts';
import { closeHold } from './store/holds.ts';
import {
  claimLeak,
  forgetLeaks,
  leakDestroyed,
  noteLeak,
  noteStopped,
  readLeaks,
  readSweepRows,
  recordLeakStep,
} from './store/leaks.ts';
import { moveNode, remindNode } from './store/move.ts';
import { insertPlanned, plannedAt, readClocks } from './store/planning.ts';
import { pausePool, recordListing, recordPoolFailure, recordProviderFault } from './store/status.ts';

/** The rows in PostgreSQL; each call is a commit of its own. */
export function sqlFleetRows(db: Db): FleetRows {
  return {
    takeLease: (name, holder, lasts_ms) => takeLease(db, name, holder, lasts_ms),
    renewLease: (name, holder, epoch, lasts_ms) => renewLease(db, name, holder, epoch, lasts_ms),
    releaseLease: (name, holder, epoch) => releaseLease(db, name, holder, epoch),
    insertPlanned: (nodes) => insertPlanned(db, nodes),
    retire: (retirement) => retire(db, retirement),
    remind: (reminder) => remindNode(db, reminder),
    move: (move) => moveNode(db, move),
    ...drivenRows(db),
    ...listedRows(db),
    ...agentRows(db),
  };
}

function drivenRows(db: Db): DrivenRows {
  return {
    dueNodes: (provider, most) => dueNodes(db, provider, most),
    freeClaims: (provider) => freeClaims(db, provider),
    claimLaunches: (calls, lease) => claimLaunches(db, calls, lease),
    claimDestroys: (calls, lease) => claimDestroys(db, calls, lease),
    recordStep: (claim, work, progress) => recordStep(db, claim, work, progress),
    recordLaunched: (answers) => recordLaunched(db, answers),
    recordDestroyed: (claims) => recordDestroyed(db, claims),
    recordRetry: (claim, retry) => recordRetry(db, claim, retry),
    giveUpLaunch: (claim, failure) => giveUpLaunch(db, claim, failure),
    saveConsole: (id, text) => saveConsole(db, id, text),
  };
}

function listedRows(db: Db): ListedRows {
  return {
    now_ms: async () => (await readClocks(db)).now_ms,
    sweepRows: (provider) => readSweepRows(db, provider),
    knownLeaks: (provider) => readLeaks(db, provider),
    noteLeak: (leak) => noteLeak(db, leak),
    forgetLeaks: (provider, leaks) => forgetLeaks(db, provider, leaks),
    noteStopped: (found) => noteStopped(db, found),
    claimLeak: (leak, lease, provider) => claimLeak(db, leak, lease, provider),
    recordLeakStep: (provider, leak, step) => recordLeakStep(db, provider, leak, step),
    leakDestroyed: (provider, leak) => leakDestroyed(db, provider, leak),
    recordListing: (provider, listing) => recordListing(db, provider, listing),
    recordProviderFault: (provider, failure) => recordProviderFault(db, provider, failure),
  };
}

function agentRows(db: Db): AgentRows {
  return {
    registerAgent: (token_hash, session_hash, facts) => registerAgent(db, token_hash, session_hash, facts),
    spendToken: (id, epoch) => spendToken(db, id, epoch),
    nodesSeen: (ids) => nodesSeen(db, ids),
    preflightPassed: (reports) => preflightPassed(db, reports),
    preflightFailed: (report) => db.transaction().execute((tx) => preflightFailed(tx, report)),
    readyNodes: (most) => readyNodes(db, most),
    assignNodes: (assignments) => db.transaction().execute((tx) => assignNodes(tx, assignments)),
  };
}

async function retire(db: Db, { node, reason, failure, ends_hold }: Retirement): Promise<boolean> {
  const { id, version, provider, node_type } = node;
  return await db.transaction().execute(async (tx) => {
    if (!(await moveNode(tx, { id, version, to: 'deleting', reason, actor: 'fleet', fault: failure }))) return false;
    if (ends_hold) await closeHold(tx, id, 'expiry');
    if (failure !== null) {
      const planned_at = dateFrom(node.created_at_ms);
      await recordPoolFailure(tx, { provider, node_type, fault: failure, message: reason, planned_at, pause_ms: 0 });
    }
    await notify(tx, 'node', id);
    return true;
  });
}

async function giveUpLaunch(db: Db, claim: Claim, failure: LaunchFailure): Promise<boolean> {
  const { provider, node_type, fault, reason, message, pause_ms } = failure;
  const planned_at = await plannedAt(db, claim.id);
  return await db.transaction().execute(async (tx) => {
    if (!(await recordLaunchFailed(tx, claim, { fault, reason }))) return false;
    const pool = { provider, node_type, fault, message, pause_ms };
    if (failure.failed) await recordPoolFailure(tx, { ...pool, planned_at });
    else await pausePool(tx, pool);
    return true;
  });
}
