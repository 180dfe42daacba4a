import { dateFrom } from '../../src/base/clock.ts';
import { LEAK_SEEN_AGAIN_MS, type LeakKey } from '../../src/nodes/plan/sweep.ts';
import type { ListedRows } from '../../src/nodes/rows.ts';
import type { ProviderStatus } from '../../src/nodes/store/status.ts';
import type { LeakRow, Tables } from './tables.ts';

/** As `src/nodes/store/leaks.ts`, and the providers' part of `status.ts`. */
export function listedRows(tables: Tables): ListedRows {
  const live = (provider: string): LeakRow[] =>
    [...tables.leaks.values()].filter((leak) => leak.provider === provider && leak.destroyed_at === null);
  return {
    now_ms: async () => tables.now_ms(),
    async sweepRows(provider) {
      return [...tables.nodes.values()]
        .filter((row) => row.provider === provider && row.state !== 'deleted')
        .map(({ id, external_id, machine_stopped_since }) => ({
          id,
          external_id,
          stopped: machine_stopped_since !== null,
        }));
    },
    async knownLeaks(provider) {
      return live(provider).map(({ kind, external_id, first_seen_at, agreed }) => {
        return { kind, external_id, first_seen_at_ms: first_seen_at, agreed };
      });
    },
    async noteLeak(leak) {
      noteLeak(tables, leak);
    },
    async forgetLeaks(provider, leaks) {
      for (const leak of leaks)
        if (find(tables, provider, leak)?.destroyed_at === null) tables.leaks.delete(keyOf(provider, leak));
    },
    async noteStopped({ stopped, resumed }) {
      for (const id of [...stopped, ...resumed]) {
        const row = tables.nodes.get(id);
        if (row !== undefined) row.machine_stopped_since = stopped.includes(id) ? tables.now_ms() : null;
      }
    },
    async claimLeak(leak, lease, provider) {
      const known = find(tables, provider, leak);
      if (known === undefined || known.destroyed_at !== null || !tables.leaseIsCurrent(lease)) return null;
      if (known.last_seen_at - known.first_seen_at < LEAK_SEEN_AGAIN_MS) return null;
      const row = tables.nodes.get(leak.node_id);
      const is_machine =
        row !== undefined && row.state !== 'deleted' && [null, leak.external_id].includes(row.external_id);
      return is_machine ? null : { step: structuredClone(known.step) };
    },
    async recordLeakStep(provider, leak, step) {
      const known = find(tables, provider, leak);
      if (known?.destroyed_at === null) known.step = structuredClone(step);
    },
    async leakDestroyed(provider, leak) {
      const known = find(tables, provider, leak);
      if (known !== undefined) Object.assign(known, { destroyed_at: tables.now_ms(), step: null });
    },
    async recordListing(provider, { alarm, ...listing }) {
      const known = providerStatus(tables, provider);
      const fault_since = alarm === null ? null : (known.fault_since ?? dateFrom(tables.now_ms()));
      const listed_at = dateFrom(tables.now_ms());
      Object.assign(known, structuredClone(listing), {
        listed_at,
        fault: null,
        message: alarm,
        retry_at: null,
        fault_since,
      });
    },
    async recordProviderFault(provider, { fault, message, pause_ms }) {
      const known = providerStatus(tables, provider);
      const now = dateFrom(tables.now_ms());
      const fault_since = known.fault === null ? now : (known.fault_since ?? now);
      Object.assign(known, { fault, message, fault_since, retry_at: dateFrom(tables.now_ms() + pause_ms) });
    },
  };
}

const keyOf = (provider: string, { kind, external_id }: LeakKey): string => `${provider} ${kind} ${external_id}`;

function find(tables: Tables, provider: string, leak: LeakKey): LeakRow | undefined {
  return tables.leaks.get(keyOf(provider, leak));
}

/** One that was destroyed before and is there again begins anew. */
function noteLeak(tables: Tables, leak: Parameters<ListedRows['noteLeak']>[0]): void {
  const { provider, kind, external_id, node_id, reason } = leak;
  const known = find(tables, provider, leak);
  const goes_on = known?.destroyed_at === null ? known : null;
  const same = goes_on?.node_id === node_id ? goes_on : null;
  tables.leaks.set(keyOf(provider, leak), {
    ...{ provider, kind, external_id, node_id, reason },
    first_seen_at: goes_on?.first_seen_at ?? tables.now_ms(),
    last_seen_at: tables.now_ms(),
    agreed: same?.agreed ?? false,
    step: same?.step ?? null,
    destroyed_at: null,
  });
}

function providerStatus(tables: Tables, provider: string): ProviderStatus {
  const known = tables.providers.get(provider);
  if (known !== undefined) return known;
  const fresh: ProviderStatus = {
    ...{
      provider,
      listed_at: null,
      machines: 0,
      strangers: 0,
      leaked: 0,
      limits: {},
      strangers_take: {},
      leaks_take: {},
    },
    ...{ fault: null, message: null, fault_since: null, retry_at: null },
  };
  tables.providers.set(provider, fresh);
  return fresh;
}
