import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { GroundcrewError } from '../../base/errors/error.ts';
import type { Log } from '../../base/log.ts';
import { isSameProcess, processStart_ticks } from '../../base/process.ts';

/** A process by pid *and* start time, since pids are used again. */
interface Process {
  readonly pid: number;
  readonly start_ticks: number;
}

const POLL_MS = 25;
/** An orphan was told to stop when its parent died; after this it is told again, in the harder way. */
const PATIENCE_MS = 20_000;
const GIVE_UP_MS = 40_000;

/**
 * Waits until no PostgreSQL of an earlier server runs on the directory any more, telling it to stop. To be called
 * with the directory's lock held. Afterwards pid files are stale, and are removed: their numbers may already be those
 * of strangers, for which PostgreSQL would refuse to start. Error: GC1212 when it does not stop.
 */
export async function endOrphans(cluster: string, clock: Clock, log: Log): Promise<void> {
  const started_ms = clock.monotonic_ms();
  let told: 'no' | 'fast' | 'immediate' = 'no';
  for (;;) {
    const orphans = postgresOn(cluster);
    const first = orphans[0];
    if (first === undefined) break;
    const waited_ms = clock.monotonic_ms() - started_ms;
    if (waited_ms > GIVE_UP_MS) throw new GroundcrewError('GC1212', { pid: first.pid, directory: cluster });
    if (told === 'no') {
      log.warn({ pids: orphans.map((orphan) => orphan.pid) }, 'an orphaned PostgreSQL is being stopped');
      const postmaster = orphans.find((orphan) => orphan.pid === recordedPid(cluster));
      // Without its postmaster a backend ends by itself at its next step; told, it ends now.
      for (const process of postmaster ? [postmaster] : orphans) signal(process, postmaster ? 'SIGINT' : 'SIGTERM');
      told = 'fast';
    } else if (told === 'fast' && waited_ms > PATIENCE_MS) {
      for (const process of orphans) signal(process, 'SIGQUIT');
      told = 'immediate';
    }
    await clock.sleep(POLL_MS);
  }
  rmSync(join(cluster, 'postmaster.pid'), { force: true });
}

/** Every PostgreSQL process works in its data directory, whoever its parent is and whatever its pid file says. */
function postgresOn(cluster: string): Process[] {
  const found: Process[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const start_ticks = processStart_ticks(pid);
    if (start_ticks === null || !worksIn(pid, cluster)) continue;
    if (isSameProcess(pid, start_ticks)) found.push({ pid, start_ticks });
  }
  return found;
}

function worksIn(pid: number, cluster: string): boolean {
  try {
    if (readlinkSync(`/proc/${pid}/cwd`) !== cluster) return false;
    // A shell of a person who looks around in the directory works there, too.
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'postgres';
  } catch {
    return false;
  }
}

function recordedPid(cluster: string): number | null {
  try {
    return Number(readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')[0]);
  } catch {
    return null;
  }
}

function signal(target: Process, name: NodeJS.Signals): void {
  if (!isSameProcess(target.pid, target.start_ticks)) return;
  try {
    process.kill(target.pid, name);
  } catch {
    // It ended in this very moment.
  }
}
