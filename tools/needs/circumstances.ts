import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The last commit whose agent spoke version 1 of the protocol. */
export const SPOKE_VERSION_1 = '54d1172b6eb8606f6a3c648af79fd477fd52418b';

/** What some tests need of the machine, or of who runs them, beside programs. */
export interface Circumstance {
  /** Ends the sentence "tests that need …". */
  what: string;
  /** What tests use it for. */
  use: string;
  /** How to have it, in one line. */
  have: string;
  /** Found by trying it. */
  isThere(): boolean;
}

const NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups', '--'];

/** Every circumstance that tests may ask for. */
export const CIRCUMSTANCES = {
  root: {
    what: 'to run as root',
    use: 'what only root may do: become another user, mount',
    have: 'run npm test as root',
    isThere: () => process.getuid?.() === 0,
  },
  nobody: {
    what: 'root that can become the user nobody',
    use: 'servers and payloads of an ordinary user',
    have: 'run npm test as root, in a checkout with a Node that every user may read',
    isThere: () =>
      isRoot() &&
      works('setpriv', [...NOBODY, process.execPath, '--version']) &&
      works('setpriv', [...NOBODY, 'test', '-r', import.meta.filename]),
  },
  mounts: {
    what: 'the right to mount',
    use: 'small disks that run full, and mounts that a node must not see',
    have: 'run npm test as root, not in a container without privileges',
    isThere: canMount,
  },
  namespaces: {
    what: 'namespaces',
    use: 'every isolation of the local provider but none',
    have: 'run npm test on a machine, or in a container, that allows unshare(1)',
    isThere: () =>
      works('unshare', [
        ...(isRoot() ? [] : ['--user', '--map-root-user']),
        ...['--mount', '--pid', '--net', '--ipc', '--uts', '--fork', 'mount', '-t', 'tmpfs', 'try', '/mnt'],
      ]),
  },
  history: {
    what: 'the history of the repository',
    use: 'agents of earlier versions, built from their commits',
    have: 'clone the whole repository (git clone without --depth), and have git',
    isThere: () => works('git', ['-C', import.meta.dirname, 'cat-file', '-e', `${SPOKE_VERSION_1}^{commit}`]),
  },
} as const satisfies Readonly<Record<string, Circumstance>>;

export type CircumstanceName = keyof typeof CIRCUMSTANCES;

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function works(command: string, parameters: readonly string[]): boolean {
  return spawnSync(command, parameters, { stdio: 'ignore', timeout: 10_000 }).status === 0;
}

function canMount(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'groundcrew-mount-'));
  try {
    if (!works('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'groundcrew-try', directory])) return false;
    return works('umount', ['-l', directory]);
  } finally {
    rmdirSync(directory);
  }
}
