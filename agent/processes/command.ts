import type { ChildProcess } from 'node:child_process';
import type { Settings } from '../settings.ts';
import { spawnBehind } from './behind.ts';
import { processEntry } from './table.ts';

/** Linux refuses a single argument of 128 KiB and more (MAX_ARG_STRLEN); the wrapper needs a little of it. */
export const SCRIPT_BYTES = 120 * 2 ** 10;

export interface PayloadProcess {
  child: ChildProcess;
  pid: number;
  /** Null when it had ended before it could be read. */
  start_ticks: number | null;
  /** Until it has been reaped its number is no other's. */
  isReaped(): boolean;
  ended: Promise<{ exit_code: number | null; signal: string | null }>;
}

/**
 * Starts `sh -e` with a script as the payload's user, in a session and process group of its own. The shell itself goes
 * to the directory, since that may be closed to the agent's user. Rejects when it cannot be started.
 */
export async function startScript(
  settings: Settings,
  options: {
    script: string;
    directory: string;
    env: Record<string, string>;
    /** By which its processes are known. */
    marker: Record<string, string>;
    output: number;
  },
): Promise<PayloadProcess> {
  const start = 'cd "$1" && exec /bin/sh -e -c "$2" sh';
  const child = spawnBehind(settings, ['/bin/sh', '-c', start, 'sh', options.directory, options.script], {
    env: options.env,
    marker: options.marker,
    stdio: ['ignore', options.output, options.output],
  });
  const ended = new Promise<{ exit_code: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (exit_code, signal) => resolve({ exit_code, signal }));
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const pid = child.pid as number;
  const isReaped = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return { child, pid, start_ticks: processEntry(pid)?.start_ticks ?? null, isReaped, ended };
}
