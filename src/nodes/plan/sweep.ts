import { type Amount, add, type Tally } from '../../base/amount.ts';
import type { NodeId } from '../../base/ids.ts';
import { formatDuration } from '../../base/units.ts';
import type { Resource } from '../../providers/contract.ts';

/** A leak is destroyed when it was seen again after at least this long: a late listing or a crash explains itself sooner. */
export const LEAK_SEEN_AGAIN_MS = 60_000;
/** More leaks than this many, and than a tenth of what the provider has of ours, are an alarm and no sweep. */
const FUSE_MOST = 3;
const FUSE_SHARE = 0.1;

/** A live row, as the sweep compares it; read after the listing, so that no machine is older than its row here. */
export interface SweepRow {
  id: NodeId;
  external_id: string | null;
  /** The look before found its machine stopped. */
  stopped: boolean;
}

export interface KnownLeak {
  kind: string;
  external_id: string;
  first_seen_at_ms: number;
  /** An operator looked at it and wants it gone: it does not count for the fuse, and is not held back by it. */
  agreed: boolean;
}

export interface SweepSnapshot {
  now_ms: number;
  deployment_id: string;
  observing: boolean;
  provider: string;
  resources: readonly Resource[];
  rows: readonly SweepRow[];
  known: readonly KnownLeak[];
}

/** Which of a provider's leaks: two kinds may call theirs alike. */
export interface LeakKey {
  kind: string;
  external_id: string;
}

export interface Leak {
  resource: Resource;
  reason: string;
}

export interface SweepPlan {
  counts: { machines: number; strangers: number; leaked: number };
  /** What strangers take, and what leaks do. */
  takes: { strangers_take: Amount; leaks_take: Amount };
  /** To be noted as seen now. */
  leaks: Leak[];
  /** Noted before, explained or gone now. */
  forget: LeakKey[];
  destroy: Leak[];
  /** Rows whose machine is found stopped now, and those whose machine was and is not any more. */
  stopped: NodeId[];
  resumed: NodeId[];
  /** The fuse has blown: why nothing is destroyed. */
  alarm: string | null;
}

/** What carries our deployment and is no live row's machine. What does not carry it is only counted. */
export function planSweep(snapshot: SweepSnapshot): SweepPlan {
  const rows = new Map(snapshot.rows.map((row) => [row.id, row]));
  const ours = snapshot.resources.filter((resource) => resource.deployment_id === snapshot.deployment_id);
  const leaks: Leak[] = [];
  for (const resource of ours) {
    const reason = whyLeaked(resource, rows);
    if (reason !== null) leaks.push({ resource, reason });
  }
  const seen = new Set(leaks.map((leak) => keyOf(leak.resource)));
  const machines = snapshot.resources.filter((resource) => resource.kind === 'machine');
  const strangers = snapshot.resources.filter((resource) => resource.deployment_id !== snapshot.deployment_id);
  const known = new Map(snapshot.known.map((leak) => [keyOf(leak), leak]));
  const isAgreed = (leak: Leak): boolean => known.get(keyOf(leak.resource))?.agreed === true;
  const alarm = fuse(snapshot.provider, leaks.filter((leak) => !isAgreed(leak)).length, ours.length);
  const ripe = leaks.filter((leak) => {
    const first_seen_ms = known.get(keyOf(leak.resource))?.first_seen_at_ms ?? snapshot.now_ms;
    return leak.resource.node_id !== null && snapshot.now_ms - first_seen_ms >= LEAK_SEEN_AGAIN_MS;
  });
  const stopped = new Set(ours.filter((resource) => isStopped(resource, rows)).map((resource) => resource.node_id));
  return {
    counts: {
      machines: machines.length,
      strangers: strangers.filter((resource) => resource.kind === 'machine').length,
      leaked: leaks.filter((leak) => leak.resource.kind === 'machine').length,
    },
    takes: { strangers_take: takenBy(strangers), leaks_take: takenBy(leaks.map((leak) => leak.resource)) },
    leaks,
    forget: snapshot.known
      .filter((leak) => !seen.has(keyOf(leak)))
      .map(({ kind, external_id }) => ({ kind, external_id })),
    destroy: snapshot.observing ? [] : ripe.filter((leak) => alarm === null || isAgreed(leak)),
    stopped: snapshot.rows.filter((row) => !row.stopped && stopped.has(row.id)).map((row) => row.id),
    resumed: snapshot.rows.filter((row) => row.stopped && !stopped.has(row.id)).map((row) => row.id),
    alarm,
  };
}

function keyOf({ kind, external_id }: LeakKey): string {
  return `${kind} ${external_id}`;
}

function takenBy(resources: readonly Resource[]): Amount {
  const taken: Tally = {};
  for (const { takes } of resources) add(taken, takes, 1);
  return taken;
}

/** Only what is known to be the row's own machine counts: one that is still being made may well be stopped. */
function isStopped(resource: Resource, rows: ReadonlyMap<NodeId, SweepRow>): boolean {
  if (resource.kind !== 'machine' || resource.state !== 'stopped' || resource.node_id === null) return false;
  return rows.get(resource.node_id)?.external_id === resource.external_id;
}

function whyLeaked(resource: Resource, rows: ReadonlyMap<NodeId, SweepRow>): string | null {
  const row = resource.node_id === null ? undefined : rows.get(resource.node_id);
  if (row === undefined) return `no node ${resource.node_id ?? 'of ours'} is alive`;
  // A launch that has not told its machine yet, and side resources, belong to the row by its name alone.
  if (resource.kind !== 'machine' || row.external_id === null || row.external_id === resource.external_id) return null;
  return `the machine of node ${row.id} is another (${row.external_id})`;
}

function fuse(provider: string, leaks: number, ours: number): string | null {
  if (leaks <= Math.max(FUSE_MOST, FUSE_SHARE * ours)) return null;
  return (
    `${leaks} of ${ours} machines at ${provider} have no row here, more than a tenth: nothing is swept. ` +
    `Look whether this database is the right one; seen for less than ${formatDuration(LEAK_SEEN_AGAIN_MS)} it may settle. ` +
    `Which they are, and how an admin lets them be swept: groundcrew fleet sweep ${provider}`
  );
}
