import { hasVariable, identity, inOwnPidNamespace, type ProcessEntry, processTable, withDescendants } from './table.ts';

/** A process group and session that was started for the payload; its number is that of its leader. */
export interface ProcessGroup {
  pid: number;
  /** Of the leader; null when it was never read. */
  start_ticks: number | null;
  /** Null for a group that an earlier process of the agent started: it was not looked at all the time since then. */
  isReaped: (() => boolean) | null;
  /** It was seen without a process, so that its number may be given to another any time. */
  isOver: boolean;
}

/** What tells the payload's processes from others. */
export interface StraySearch {
  /** `NAME=value` that every process of the run was started with. */
  marker: string;
  /** Those found to be over are marked so. */
  groups: readonly ProcessGroup[];
  /** Processes seen below the payload at the last look, by identity: they stay the payload's when their parent is gone. */
  known: Set<string>;
  /** Identities that are nobody's business: what was there when the agent started. */
  baseline: ReadonlySet<string>;
  /** Nothing else works on this node, which may have a PID namespace of its own: then all that came later is the payload's. */
  takesAll: boolean;
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
  const taken = new Set(table.flatMap((entry) => [entry.group, entry.session]));
  for (const group of search.groups) {
    if (isOurs(group, byPid.get(group.pid), taken.has(group.pid))) groups.add(group.pid);
    else group.isOver = true;
  }
  const everything = search.takesAll && inOwnPidNamespace();
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
  // Only the living, or a payload that starts many processes for days would fill the memory.
  search.known.clear();
  for (const entry of found) search.known.add(identity(entry));
  return found;
}

/**
 * Is the group's number still its own? The system gives it to another only when the leader is reaped and nobody is left
 * in the group and the session. So it is ours while the leader lives, and after it as long as every look finds somebody.
 */
function isOurs(group: ProcessGroup, leader: ProcessEntry | undefined, isTaken: boolean): boolean {
  if (group.isOver) return false;
  if (group.isReaped?.() === false) return true;
  if (leader) return leader.start_ticks === group.start_ticks;
  return group.isReaped !== null && isTaken;
}
