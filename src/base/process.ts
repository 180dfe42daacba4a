import { readFileSync } from 'node:fs';

/**
 * When a process started, in clock ticks since boot (field 22 of /proc/PID/stat, proc(5)), or null when there is none.
 * A pid alone is no identity, since pids are used again; (pid, start) is.
 */
export function processStart_ticks(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    return Number(fields[19]);
  } catch {
    return null;
  }
}

/** Is the very process that had this pid and start time still running? */
export function isSameProcess(pid: number, start_ticks: number): boolean {
  return processStart_ticks(pid) === start_ticks;
}
