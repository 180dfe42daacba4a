import { spawn } from 'node:child_process';
import type { Context } from '../context.ts';
import { findStrays, type StraySearch } from './strays.ts';

/**
 * Ends every process of the payload: SIGTERM, the grace, then SIGKILL until none is seen. Returns false when some
 * survived even that (a process in uninterruptible sleep).
 */
export async function endProcesses(context: Context, search: () => StraySearch, grace_ms: number): Promise<boolean> {
  const { clock } = context;
  if (signalAll(context, search(), 'SIGTERM') === 0) return true;
  const deadline_ms = clock.monotonic_ms() + grace_ms;
  while (clock.monotonic_ms() < deadline_ms) {
    await clock.sleep(25);
    if (findStrays(search()).length === 0) return true;
  }
  for (let round = 0; round < 40; round++) {
    if (signalAll(context, search(), 'SIGKILL') === 0) return true;
    await clock.sleep(Math.min(250, 10 * 2 ** round));
  }
  return false;
}

function signalAll(context: Context, search: StraySearch, signal: 'SIGTERM' | 'SIGKILL'): number {
  const strays = findStrays(search);
  for (const stray of strays) signalProcess(context, stray.pid, signal);
  return strays.length;
}

/** One signal; through the payload's own user where the agent has no right to send it. A negative pid is a group. */
export function signalProcess(context: Context, pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EPERM' && context.settings.payload_command.length > 0) signalAsPayload(context, pid, signal);
    else if (code !== 'ESRCH') context.log.warn({ pid, code }, 'cannot signal a process of the payload');
  }
}

function signalAsPayload(context: Context, pid: number, signal: string): void {
  const [command, ...rest] = [...context.settings.payload_command, 'sh', '-c', 'kill -s "$1" -- "$2"', 'kill'];
  const child = spawn(command as string, [...rest, signal.slice(3), String(pid)], { stdio: 'ignore' });
  child.on('error', (cause) => context.log.warn({ pid, reason: cause.message }, 'cannot signal a payload process'));
}
