import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** One line of the process table, from /proc/PID/stat (proc(5)). */
export interface ProcessEntry {
  pid: number;
  parent: number;
  group: number;
  session: number;
  start_ticks: number;
}

/** Every process that can be seen, without zombies. */
export function processTable(): ProcessEntry[] {
  const entries: ProcessEntry[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const entry = processEntry(Number(name));
    if (entry) entries.push(entry);
  }
  return entries;
}

/** Null when it is gone, or a zombie. */
export function processEntry(pid: number): ProcessEntry | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null;
  }
  // The name is in parentheses and may hold anything, so what follows the last one is read.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return null;
  return {
    pid,
    parent: Number(fields[1]),
    group: Number(fields[2]),
    session: Number(fields[3]),
    start_ticks: Number(fields[19]),
  };
}

/** A process's identity over pid reuse. */
export function identity(entry: ProcessEntry): string {
  return `${entry.pid}:${entry.start_ticks}`;
}

/** Does its environment hold `NAME=value`? False where the environment may not be read. */
export function hasVariable(pid: number, variable: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(variable);
  } catch {
    return false;
  }
}

/** The kernel gives the machine's first PID namespace this number always (PROC_PID_INIT_INO). */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]';

/** Are the processes we see only those of a namespace (a container) and not the whole machine's? */
export function inOwnPidNamespace(): boolean {
  try {
    return readlinkSync('/proc/self/ns/pid') !== FIRST_PID_NAMESPACE;
  } catch {
    return false;
  }
}

/** The given processes and everything below them. */
export function withDescendants(table: readonly ProcessEntry[], roots: ReadonlySet<number>): Set<number> {
  const found = new Set(roots);
  for (let size = -1; size !== found.size; ) {
    size = found.size;
    for (const entry of table) if (found.has(entry.parent)) found.add(entry.pid);
  }
  return found;
}
