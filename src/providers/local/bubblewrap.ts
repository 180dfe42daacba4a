import { INSIDE } from './places.ts';
import { AGENT_CAPABILITIES } from './users.ts';
import type { ViewStep } from './view.ts';

/** File descriptor on which bubblewrap tells the pid of the first process. */
export const INFO_FD = 4;

function stepArguments(step: ViewStep): string[] {
  switch (step.kind) {
    case 'tree':
    case 'read_only':
      return ['--ro-bind', step.source, step.target];
    case 'writable':
      return ['--bind', step.source, step.target];
    case 'symlink':
      return ['--symlink', step.to, step.target];
    case 'directory':
      return ['--perms', step.mode, '--dir', step.target];
    case 'tmpfs':
      return [
        ...(step.size_bytes === null ? [] : ['--size', String(step.size_bytes)]),
        ...['--perms', step.mode, '--tmpfs', step.target],
      ];
    case 'proc':
      return ['--proc', '/proc'];
    case 'dev':
      return ['--dev', '/dev'];
    case 'seal':
      return [];
  }
}

/**
 * Arguments before the command that bubblewrap runs in a node. With two users it runs as root, of the machine or of a
 * user namespace around it, and makes none of its own: in one of its own, changing to another user fails with EINVAL.
 */
export function bubblewrapArguments(
  bubblewrap: string,
  options: { view: readonly ViewStep[]; hostname: string; two_users: boolean },
): string[] {
  const privilege = options.two_users
    ? ['--cap-drop', 'ALL', ...AGENT_CAPABILITIES.flatMap((name) => ['--cap-add', `CAP_${name.toUpperCase()}`])]
    : ['--unshare-user'];
  return [
    bubblewrap,
    '--unshare-pid',
    '--unshare-net',
    '--unshare-ipc',
    '--unshare-uts',
    '--unshare-cgroup-try',
    ...privilege,
    '--hostname',
    options.hostname,
    '--info-fd',
    String(INFO_FD),
    ...options.view.flatMap(stepArguments),
    '--remount-ro',
    '/',
    // Not the workspace: that is the payload's, and root has no rights beyond its own here.
    '--chdir',
    '/',
    '--',
  ];
}

/** The payload of a node with one user: it sees neither the agent's process nor its files nor the server's socket. */
export function bubblewrapPayload(bubblewrap: string): string[] {
  return [
    bubblewrap,
    '--unshare-user',
    '--unshare-pid',
    '--die-with-parent',
    '--bind',
    '/',
    '/',
    '--dev-bind',
    '/dev',
    '/dev',
    '--proc',
    '/proc',
    '--tmpfs',
    INSIDE.private,
    '--',
  ];
}
