import { hasVariable, identity, inOwnPidNamespace, type ProcessEntry, processTable, withDescendants } from './table.ts';

/** What tells the payload's processes from others. */
export interface StraySearch {
  /** `NAME=value` that every process of the run was started with. */
  marker: string;
  groups: readonly { pid: number; start_ticks: number | null }[];
  /** Processes seen below the payload before, by identity: they stay the payload's when their parent is gone. */
  known: Set<string>;
  /** Identities that are nobody's business: what was there when the agent started. */
  baseline: ReadonlySet<string>;
  isolation: string;
  /** Shells of people: they and everything below them stay. */
  spared: ReadonlySet<number>;
}

/**
 * The payload's processes that are alive now. The marker is inherited unless a program clears its environment or runs
 * as a user whose environment the agent may not read; parentage is lost by a double fork. So all three are asked: the
 * marker, parentage and session as seen over time, and, on a node with a PID namespace of its own, simply everything
 * that came after the agent. Never the agent itself, nor what is above it.
 */
export function findStrays(search: StraySearch): ProcessEntry[] {
  const table = processTable();
  const byPid = new Map(table.map((entry) => [entry.pid, entry]));
  const spared = withDescendants(table, search.spared);
  for (let pid: number | undefined = process.pid; pid !== undefined && pid > 0; pid = byPid.get(pid)?.parent) {
    spared.add(pid);
  }
  const groups = new Set<number>();
  for (const group of search.groups) {
    const leader = byPid.get(group.pid);
    // A leader with another start time is somebody else who got the number again.
    if (!leader || group.start_ticks === null || leader.start_ticks === group.start_ticks) groups.add(group.pid);
  }
  const everything = search.isolation !== 'none' && inOwnPidNamespace();
  const roots = new Set<number>();
  for (const entry of table) {
    if (spared.has(entry.pid) || search.baseline.has(identity(entry))) continue;
    const belongs =
      everything ||
      search.known.has(identity(entry)) ||
      groups.has(entry.group) ||
      groups.has(entry.session) ||
      hasVariable(entry.pid, search.marker);
    if (belongs) roots.add(entry.pid);
  }
  const family = withDescendants(table, roots);
  const found = table.filter((entry) => family.has(entry.pid) && !spared.has(entry.pid));
  for (const entry of found) search.known.add(identity(entry));
  return found;
}
