import { spawnSync } from 'node:child_process';
import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import type { Clock } from '../../base/clock.ts';
import { dateFrom } from '../../base/clock.ts';
import { GroundcrewError, messageOf } from '../../base/errors/error.ts';
import { isSameProcess, processStart_ticks } from '../../base/process.ts';
import { errorCode } from '../connection-errors.ts';

/** A lock that the kernel takes back when this process ends, however it ends. */
export interface DirectoryLock {
  release(): void;
}

interface Holder {
  pid: number;
  start_ticks: number;
  since_ms: number;
}

const FLOCK_BUSY = 1;

/**
 * Locks a data directory for the life of this process. flock(2) belongs to the open file, not to the process that
 * asked: the `flock` program locks the descriptor that it inherits and ends, and the lock stays with ours until we
 * close it or die in any way. So there are no stale locks, and nothing to compare or to time out.
 * Error: GC1207 when another server has it.
 */
export async function lockDirectory(directory: string, file: string, clock: Clock): Promise<DirectoryLock> {
  for (;;) {
    const descriptor = openLock(directory, file);
    if (tryLock(descriptor, file)) {
      // Somebody may have removed the directory and made it anew between opening and locking.
      if (isStillNamed(descriptor, file)) {
        writeHolder(descriptor, clock);
        return { release: () => closeSync(descriptor) };
      }
      closeSync(descriptor);
      continue;
    }
    closeSync(descriptor);
    throw await describeHolder(directory, file, clock);
  }
}

/** True when the lock of a directory is free at this moment: for tidying up what killed test runs left. */
export function isUnlocked(file: string): boolean {
  const descriptor = openSync(file, 'a+', 0o600);
  try {
    return tryLock(descriptor, file);
  } finally {
    closeSync(descriptor);
  }
}

function openLock(directory: string, file: string): number {
  try {
    return openSync(file, 'a+', 0o600);
  } catch (error) {
    const detail = messageOf(error);
    if (errorCode(error) === 'ENOSPC') throw new GroundcrewError('GC1211', { detail }, error);
    throw new GroundcrewError('GC1210', { directory, user: process.getuid?.() ?? 0, detail }, error);
  }
}

function tryLock(descriptor: number, file: string): boolean {
  const result = spawnSync('flock', ['-x', '-n', '3'], {
    stdio: ['ignore', 'ignore', 'pipe', descriptor],
    timeout: 10_000,
    encoding: 'utf8',
  });
  if (result.status === 0) return true;
  if (result.status === FLOCK_BUSY && result.stderr === '') return false;
  const detail = result.error?.message ?? result.stderr;
  throw new GroundcrewError(
    'GC1208',
    { directory: file, detail: `its lock needs the program flock of util-linux (${detail})`, log_file: 'this message' },
    result.error,
  );
}

function isStillNamed(descriptor: number, file: string): boolean {
  const named = statSync(file, { throwIfNoEntry: false });
  return named !== undefined && named.ino === fstatSync(descriptor).ino;
}

function writeHolder(descriptor: number, clock: Clock): void {
  const holder: Holder = {
    pid: process.pid,
    start_ticks: processStart_ticks(process.pid) ?? 0,
    since_ms: clock.now_ms(),
  };
  ftruncateSync(descriptor, 0);
  writeSync(descriptor, `${JSON.stringify(holder)}\n`);
}

/** The holder writes its name just after it got the lock: what a dead one left is waited out for a moment. */
async function describeHolder(directory: string, file: string, clock: Clock): Promise<GroundcrewError> {
  for (let tries = 0; tries < 20; tries++) {
    const holder = readHolder(file);
    if (holder !== null && isSameProcess(holder.pid, holder.start_ticks)) {
      return new GroundcrewError('GC1207', { pid: holder.pid, since: sinceText(holder.since_ms, clock), directory });
    }
    await clock.sleep(25);
  }
  return new GroundcrewError('GC1207', { pid: 'unknown', since: 'an unknown time', directory });
}

function readHolder(file: string): Holder | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch {
    return null;
  }
}

/** `09:12`, with the day in front when that was not today. */
function sinceText(since_ms: number, clock: Clock): string {
  const since = dateFrom(since_ms);
  const time = since.toTimeString().slice(0, 5);
  const same_day = since.toDateString() === dateFrom(clock.now_ms()).toDateString();
  return same_day ? time : `${since.getFullYear()}-${two(since.getMonth() + 1)}-${two(since.getDate())} ${time}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
