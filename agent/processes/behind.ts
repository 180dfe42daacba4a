import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import type { Settings } from '../settings.ts';

/** What the commands that change the user start with, and nothing of the job's. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Takes the environment from descriptor 3, then becomes the command. Where memory runs out, the kernel is to end the
 * payload and not the agent, which would be the end of the whole node; only a process itself may say so of itself.
 */
const TAKE_ENVIRONMENT = '{ echo 1000 >/proc/self/oom_score_adj; } 2>/dev/null; eval "$(cat <&3)" && exec 3<&- "$@"';

/** Shells of some systems refuse to set what they keep themselves. */
const READ_ONLY = new Set(['UID', 'EUID', 'PPID', 'SHELLOPTS', 'BASHOPTS']);

/**
 * Starts a command as the payload's user. Its environment reaches the command alone: the loader of the programs that
 * change the user must not read a job's LD_PRELOAD, since they still have the agent's rights. It goes through a pipe,
 * so that no list of processes shows it. `marker` is in the environment from the first moment on.
 */
export function spawnBehind(
  settings: Settings,
  command: readonly string[],
  options: { env: Readonly<Record<string, string>>; marker: Readonly<Record<string, string>>; stdio: StdioOptions },
): ChildProcess {
  const argv = [...settings.payload_command, '/bin/sh', '-c', TAKE_ENVIRONMENT, 'sh', ...command];
  const child = spawn(argv[0] as string, argv.slice(1), {
    cwd: '/',
    env: { PATH: process.env.PATH ?? PATH, ...options.marker },
    detached: true,
    stdio: [...(options.stdio as []), 'pipe'],
  });
  const words = child.stdio[3] as NodeJS.WritableStream | null | undefined;
  // It may end before it has read.
  words?.on('error', () => {});
  words?.end(shellExports(options.env));
  return child;
}

/** The variables as commands of a POSIX shell. */
export function shellExports(env: Readonly<Record<string, string>>): string {
  return Object.entries(env)
    .filter(([name]) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !READ_ONLY.has(name))
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'\n`)
    .join('');
}
