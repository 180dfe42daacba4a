import { execFile } from 'node:child_process';
import { closeSync, openSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Clock } from '../../base/clock.ts';
import { GroundcrewError, messageOf } from '../../base/errors/error.ts';
import type { Log } from '../../base/log.ts';
import { formatSize } from '../../base/units.ts';

const run = promisify(execFile);

/** Enough for what ends jobs and deletes nodes, which is a few rows each, and for PostgreSQL's own recovery. */
export const BALLAST_BYTES = 64 * 2 ** 20;
/** With less than this free the database is about to fail, so the ballast goes: at least one segment of its log. */
const RELEASE_BYTES = 24 * 2 ** 20;
/** Made only where so much stays free beside it, so that a disk at the edge does not make and drop it in turn. */
const REMAKE_BYTES = 4 * BALLAST_BYTES;
/** People are told below the smaller of the two: a part of a large disk, all the same of a small one. */
const SHORT_BYTES = 128 * 2 ** 20;
const SHORT_PART = 0.02;
const LOOK_INTERVAL_MS = 1_000;

/** Space on the database's disk that is given back when it is full, so that what fills it can still be removed. */
export interface Ballast {
  /** GC1211 while too little is free, else null. */
  shortage(): GroundcrewError | null;
  /** Looks once: gives the space back, or takes it again. The watch does this by itself. */
  look(): Promise<void>;
  /** Stops watching; the file stays for the next start. */
  stop(): Promise<void>;
}

/** What to do about the ballast with so much free on the disk. */
export function ballastStep(free_bytes: number, is_there: boolean): 'release' | 'make' | 'keep' {
  if (is_there) return free_bytes < RELEASE_BYTES ? 'release' : 'keep';
  return free_bytes >= REMAKE_BYTES + BALLAST_BYTES ? 'make' : 'keep';
}

/** Is so little free that people must be told? */
export function isShort(free_bytes: number, total_bytes: number): boolean {
  return free_bytes < Math.min(SHORT_BYTES, Math.max(RELEASE_BYTES, total_bytes * SHORT_PART));
}

/** Before anything is written at a start: PostgreSQL cannot start on a full disk at all. */
export function releaseBallastWhenFull(directory: string, log: Log): void {
  const space = spaceOf(directory);
  if (space === null || space.free_bytes >= RELEASE_BYTES) return;
  // What a killed server had not finished is space as well.
  rmSync(unfinished(fileIn(directory)), { force: true });
  if (isThere(fileIn(directory))) release(directory, log);
}

/** Watches the disk of a directory. */
export function startBallast(directory: string, clock: Clock, log: Log): Ballast {
  let shortage: GroundcrewError | null = null;
  let looking: Promise<void> | null = null;
  let is_impossible = false;
  const once = async (): Promise<void> => {
    const space = spaceOf(directory);
    if (space === null) return;
    const free = formatSize(space.free_bytes);
    const detail = `only ${free} of ${formatSize(space.total_bytes)} are free in ${directory}.`;
    shortage = isShort(space.free_bytes, space.total_bytes) ? new GroundcrewError('GC1211', { detail }) : null;
    const step = ballastStep(space.free_bytes, isThere(fileIn(directory)));
    if (step === 'release') release(directory, log);
    if (step !== 'make' || is_impossible) return;
    try {
      await make(fileIn(directory));
    } catch (error) {
      is_impossible = true;
      log.warn({ directory, error: messageOf(error) }, 'no space can be set aside for a full disk');
    }
  };
  const look = (): Promise<void> => {
    looking ??= once().finally(() => {
      looking = null;
    });
    return looking;
  };
  const timer = clock.every(LOOK_INTERVAL_MS, () => void look(), { background: true });
  return {
    shortage: () => shortage,
    look,
    async stop() {
      timer.stop();
      await looking;
    },
  };
}

function fileIn(directory: string): string {
  return join(directory, 'ballast');
}

const unfinished = (file: string): string => `${file}.unfinished`;

/** Null when there is no such directory yet. */
function spaceOf(directory: string): { free_bytes: number; total_bytes: number } | null {
  try {
    const { bavail, blocks, bsize } = statfsSync(directory);
    return { free_bytes: bavail * bsize, total_bytes: blocks * bsize };
  } catch {
    return null;
  }
}

function isThere(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}

function release(directory: string, log: Log): void {
  // A name on a full disk can always be removed, except from some file systems that copy what they write.
  try {
    rmSync(fileIn(directory), { force: true });
    log.error({ directory, bytes: BALLAST_BYTES }, 'the disk is full: the space that was set aside is given back');
  } catch (error) {
    log.error({ directory, error: messageOf(error) }, 'the disk is full, and the space set aside cannot be given back');
  }
}

/** Really allocated: a file with a hole would set nothing aside. It gets its name when it is whole. */
async function make(file: string): Promise<void> {
  const draft = unfinished(file);
  rmSync(draft, { force: true });
  try {
    closeSync(openSync(draft, 'wx', 0o600));
    await run('fallocate', ['--posix', '--length', String(BALLAST_BYTES), draft], { timeout: 60_000 });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
