import { formatDuration } from '../../base/units.ts';
import { describeHeld, plural } from '../../flow/explain/explanation.ts';
import type { FailingPoolRow, HeldPoolRow } from '../../nodes/store/list.ts';
import type { ProviderStatus } from '../../nodes/store/status.ts';
import type { FleetProblem, FleetView } from '../../protocol/api/fleet.ts';
import { timeOrNull } from '../app/views.ts';

type ProviderRow = FleetView['providers'][number];

export interface ProviderFindings {
  /** What keeps it from being used at all: its configuration. */
  unusable: string | null;
  status: ProviderStatus | undefined;
  /** Its node types whose launches fail or pause. */
  failing: readonly FailingPoolRow[];
  /** How many node types it has. */
  node_types: number;
}

/** Faults that are no mistake of anybody's: there is no room just now. */
const PAUSES: readonly (string | null)[] = ['quota', 'capacity', 'throttled'];

/** How it goes at a provider, in one word, and since when and until when that is known. */
export function providerState(
  findings: ProviderFindings,
): Pick<ProviderRow, 'state' | 'problem' | 'since' | 'next_try_at'> {
  const { unusable, status, failing, node_types } = findings;
  if (unusable !== null) return { state: 'broken', problem: unusable, since: null, next_try_at: null };
  const problem = status?.message ?? null;
  const times = { since: timeOrNull(status?.fault_since ?? null), next_try_at: timeOrNull(status?.retry_at ?? null) };
  if (status !== undefined && status.fault !== null) {
    return { state: PAUSES.includes(status.fault) ? 'paused' : 'broken', problem, ...times };
  }
  const broken = failing.filter(({ fault }) => !PAUSES.includes(fault));
  const told = { problem, ...(problem === null ? poolTimes(broken.length > 0 ? broken : failing) : times) };
  if (broken.length > 0) return { state: broken.length >= node_types ? 'broken' : 'failing', ...told };
  return { state: failing.length > 0 && failing.length >= node_types ? 'paused' : 'ok', ...told };
}

function poolTimes(pools: readonly FailingPoolRow[]): Pick<ProviderRow, 'since' | 'next_try_at'> {
  const first = (dates: (Date | null)[]): string | null => {
    const known = dates.filter((date) => date !== null).toSorted((left, right) => left.getTime() - right.getTime());
    return timeOrNull(known[0] ?? null);
  };
  return { since: first(pools.map(({ since }) => since)), next_try_at: first(pools.map(({ retry_at }) => retry_at)) };
}

/** A problem of the server itself, which no provider is at fault for. */
export function ofServer(code: 'disk' | 'configuration', text: string): FleetProblem {
  return { code, subject: code, provider: null, node_type: null, text };
}

/** `broken for 25 min: hp cannot be listed: …; next try in 8.0 s`. */
export function providerProblems(rows: readonly ProviderRow[], now_ms: number): FleetProblem[] {
  return rows.flatMap(({ provider, state, problem, since, next_try_at }) => {
    if (problem === null) return [];
    const lasting = since === null ? '' : ` for ${formatDuration(Math.max(0, now_ms - Date.parse(since)))}`;
    const word = state === 'ok' ? '' : `${state}${lasting}: `;
    const retry = next_try_at === null ? '' : nextTry(Date.parse(next_try_at) - now_ms);
    return [{ code: 'provider', subject: provider, provider, node_type: null, text: `${word}${problem}${retry}` }];
  });
}

/** `the last 7 launches failed, for 25 min: pre-flight failed: network: no route; next try in 2 min`. */
export function poolProblems(pools: readonly FailingPoolRow[], now_ms: number): FleetProblem[] {
  return pools.map(({ provider, node_type, since, fault, message, retry_at, ...counts }) => {
    const retry = retry_at === null ? '' : nextTry(retry_at.getTime() - now_ms);
    const why = message ?? 'no reason is known';
    const about = { code: 'pool', subject: `${provider}/${node_type}`, provider, node_type } as const;
    if (PAUSES.includes(fault)) return { ...about, text: `paused, ${fault}: ${why}${retry}` };
    const lasting = since === null ? '' : `, for ${formatDuration(Math.max(0, now_ms - since.getTime()))}`;
    const failed = Math.max(counts.failed, counts.failures);
    const count = failed > 1 ? `the last ${failed} launches failed${lasting}` : `the last launch failed`;
    return { ...about, text: `${count}: ${why}${retry}` };
  });
}

function nextTry(wait_ms: number): string {
  return wait_ms > 0 ? `; next try in ${formatDuration(wait_ms)}` : '';
}

/** While requests wait: limits that held nodes, which only people give back, fill for at least half. */
export function heldProblems(
  rows: readonly ProviderRow[],
  held: readonly HeldPoolRow[],
  waiting: number,
  now_ms: number,
): FleetProblem[] {
  if (waiting === 0) return [];
  return rows.flatMap(({ provider, nodes, limit, cores, limit_cores }) => {
    const own = held.filter((pool) => pool.provider === provider);
    const count = own.reduce((sum, pool) => sum + pool.held, 0);
    const at_nodes = limit !== null && nodes >= limit;
    const at_cores = limit_cores !== null && cores > 0 && cores >= limit_cores;
    if (count * 2 < nodes || count === 0 || !(at_nodes || at_cores)) return [];
    const first_ms = Math.min(...own.map((pool) => pool.first_ends_at.getTime())) - now_ms;
    const use = at_nodes ? `${nodes} of ${limit} nodes` : `${cores} of ${limit_cores} cores`;
    const waits = `${plural(waiting, 'request')} ${waiting === 1 ? 'waits' : 'wait'}`;
    const text = `${waits}, and ${use} are in use (${describeHeld(count, Math.max(0, first_ms))})`;
    return [{ code: 'held', subject: provider, provider, node_type: null, text }];
  });
}
