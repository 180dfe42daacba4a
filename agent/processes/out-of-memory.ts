import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatSize } from '../../src/base/units.ts';
import type { Bounds } from '../settings.ts';

/** Where a memory cgroup counts what the kernel killed in it: version 2, version 1. */
const COUNTERS = ['memory.events', 'memory.oom_control'];
/** Exit code of a shell whose command was killed by SIGKILL. */
const KILLED = 137;

/**
 * How many processes of this node the kernel has killed because its memory was used up; null where no memory cgroup is
 * the node's alone, or none of it can be read.
 */
export function killedForMemory({ cgroups }: Bounds): number | null {
  for (const file of cgroups.flatMap((directory) => COUNTERS.map((name) => join(directory, name)))) {
    try {
      const count = /^oom_kill (\d+)$/m.exec(readFileSync(file, 'utf8'))?.[1];
      if (count !== undefined) return Number(count);
    } catch {
      // The other version's, or another controller's: it has no such file.
    }
  }
  return null;
}

/** How a step ended, and what the kernel's count was before and after it. */
export interface StepEnd {
  exit_code: number | null;
  signal: string | null;
  killed_before: number | null;
  killed_after: number | null;
}

/** How a step that did not pass ended, as the end of a sentence that begins with its name. */
export function howStepEnded({ exit_code, signal, killed_before, killed_after }: StepEnd, bounds: Bounds): string {
  const how = exit_code === null ? `was ended by ${signal}` : `exited ${exit_code}`;
  const wasKilled = signal === 'SIGKILL' || exit_code === KILLED;
  if (killed_before !== null && killed_after !== null) {
    if (killed_after <= killed_before) return how;
    const limit = limitOf(bounds);
    // A script may go on after its command was killed, and fail for another reason.
    if (wasKilled) return `ran out of memory${limit} and ${how}`;
    return `${how}, after the kernel killed a process of it: out of memory${limit}`;
  }
  if (!wasKilled || bounds.memory_bytes === null) return how;
  return `${how}: killed by signal 9, with a limit mostly by the kernel for memory${limitOf(bounds)}`;
}

function limitOf({ memory_bytes }: Bounds): string {
  return memory_bytes === null ? '' : ` (limit ${formatSize(memory_bytes).replace('.0 ', ' ')})`;
}
