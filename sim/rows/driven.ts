import type { DrivenRows, LaunchFailure } from '../../src/nodes/rows.ts';
import type { Claim, DrivenNode, LaunchAnswer, LaunchCall, ProviderLease } from '../../src/nodes/store/drive.ts';
import { pausePool, recordPoolFailure } from './statuses.ts';
import type { NodeRow, Tables } from './tables.ts';

/** As `src/nodes/store/drive.ts`. */
export function drivenRows(tables: Tables): DrivenRows {
  const claimed = ({ id, claim }: Claim): NodeRow | undefined => {
    const row = tables.nodes.get(id);
    return row?.claim === claim ? row : undefined;
  };
  return {
    dueNodes: async (provider, most) => dueNodes(tables, provider, most),
    async freeClaims(provider) {
      for (const row of waitingForCalls(tables, provider)) {
        if (row.next_step_at !== null && row.next_step_at > tables.now_ms()) row.next_step_at = null;
      }
    },
    claimLaunches: async (calls, lease) => calls.map((call) => claimLaunch(tables, call, lease)),
    async claimDestroys(calls, lease) {
      return calls.map(({ id, version, timeout_ms }) => {
        const row = tables.nodes.get(id);
        if (row?.version !== version || row.state !== 'deleting' || !tables.leaseIsCurrent(lease)) return null;
        row.version += 1;
        return claim(tables, row, timeout_ms);
      });
    },
    async recordStep(claim, work, { step, poll_ms }) {
      const row = claimed(claim);
      if (row === undefined || row.state === 'deleted') return false;
      row.version += 1;
      row.attempts = 0;
      row.step = structuredClone(step);
      row.next_step_at = work === 'destroy' || row.state !== 'deleting' ? tables.now_ms() + poll_ms : null;
      return true;
    },
    recordLaunched: async (answers) => answers.map((answer) => recordLaunched(tables, claimed(answer.claim), answer)),
    async recordDestroyed(claims) {
      return claims.map((claim) => {
        const row = claimed(claim);
        if (row?.state !== 'deleting') return false;
        tables.enter(row, 'deleted');
        tables.say(row, `${row.provider} has no machine of it any more`, 'fleet');
        return true;
      });
    },
    async recordRetry(claim, { delay_ms, fault, counts }) {
      const row = claimed(claim);
      if (row === undefined || row.state === 'deleted') return false;
      row.version += 1;
      row.fault = fault;
      row.attempts += counts ? 1 : 0;
      row.next_step_at = tables.now_ms() + delay_ms;
      return true;
    },
    giveUpLaunch: async (claim, failure) => giveUpLaunch(tables, claimed(claim), failure),
    async saveConsole(id, text) {
      const row = tables.nodes.get(id);
      if (row !== undefined) row.console = text;
    },
  };
}

function waitingForCalls(tables: Tables, provider: string): NodeRow[] {
  return [...tables.nodes.values()].filter((row) => {
    if (row.provider !== provider) return false;
    return row.state === 'deleting' || (row.launched_at === null && row.state !== 'deleted');
  });
}

function dueNodes(tables: Tables, provider: string, most: number): DrivenNode[] {
  const due = waitingForCalls(tables, provider).filter(
    ({ next_step_at }) => next_step_at === null || next_step_at <= tables.now_ms(),
  );
  const last = (row: NodeRow): number => (row.state === 'deleting' ? 0 : 1);
  due.sort((a, b) => last(a) - last(b) || a.created_at - b.created_at || (a.id < b.id ? -1 : 1));
  return due.slice(0, most).map((row) => {
    const { id, version, node_type, labels, options, state, external_id, step, attempts } = row;
    return {
      ...{ id, version, node_type, labels, options, state, external_id, step, attempts },
      ready: row.ready_at !== null,
      has_console: row.console !== null,
      launched: row.launched_at !== null,
    };
  });
}

function claim(tables: Tables, row: NodeRow, timeout_ms: number): Claim {
  row.claim += 1;
  row.next_step_at = tables.now_ms() + timeout_ms;
  return { id: row.id, claim: row.claim };
}

function claimLaunch(tables: Tables, call: LaunchCall, lease: ProviderLease): Claim | null {
  const row = tables.nodes.get(call.id);
  if (row?.version !== call.version || row.state === 'deleting' || row.state === 'deleted') return null;
  if (row.launched_at !== null || !tables.leaseIsCurrent(lease)) return null;
  if (row.state === 'planned') {
    tables.enter(row, 'launching');
    tables.say(row, `asked ${row.provider} for the machine`, 'fleet');
  } else {
    row.version += 1;
  }
  if (call.new_registration_hash !== null) {
    row.registration_hashes = [...(row.registration_hashes ?? []), call.new_registration_hash.toString('hex')];
  }
  return claim(tables, row, call.timeout_ms);
}

function recordLaunched(tables: Tables, row: NodeRow | undefined, { machine }: LaunchAnswer): boolean {
  if (row === undefined || row.state === 'deleted' || row.launched_at !== null) return false;
  if (row.state === 'launching') {
    tables.enter(row, 'booting');
    tables.say(row, `${row.provider} gave the machine ${machine.external_id}`, 'fleet');
  } else {
    row.version += 1;
  }
  row.external_id = machine.external_id;
  row.step = null;
  row.next_step_at = null;
  row.launched_at = tables.now_ms();
  row.attempts = 0;
  return true;
}

function giveUpLaunch(tables: Tables, row: NodeRow | undefined, failure: LaunchFailure): boolean {
  if (row?.state !== 'launching') return false;
  tables.enter(row, 'deleting', failure);
  row.next_step_at = null;
  tables.say(row, failure.reason, 'fleet');
  if (failure.failed) recordPoolFailure(tables, { ...failure, planned_at_ms: row.created_at });
  else pausePool(tables, failure);
  return true;
}
