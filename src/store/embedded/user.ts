import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { GroundcrewError } from '../../base/errors/error.ts';

/**
 * PostgreSQL refuses to run as root, so a data directory is made in one of three ways, and must be used in the same
 * way afterwards because its files belong to different users:
 * `direct` by an ordinary user; `unshare` by root in a user namespace that calls root by another number (the files
 * belong to root); `setpriv` by root as another user (the files belong to that user).
 */
export type Mode = 'direct' | 'unshare' | 'setpriv';

/** How the programs of PostgreSQL are run. */
export interface RunAs {
  readonly mode: Mode;
  /** Owner of the files as the system sees it. */
  readonly uid: number;
  readonly gid: number;
  /** Put in front of every command. */
  readonly prefix: readonly string[];
}

interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Any ordinary account will do; nothing is ever read from it but that it has a name, which initdb wants to know. */
function ordinaryAccount(): Account {
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => fields.length >= 4 && Number(fields[2]) > 0)
    .map((fields) => ({ uid: Number(fields[2]), gid: Number(fields[3]) }));
  const named = (uid: number) => accounts.find((account) => account.uid === uid);
  return named(1000) ?? named(65_534) ?? accounts[0] ?? { uid: 1000, gid: 1000 };
}

function unshared(): RunAs {
  const { uid, gid } = ordinaryAccount();
  const prefix = ['unshare', '-U', `--map-user=${uid}`, `--map-group=${gid}`];
  return { mode: 'unshare', uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, prefix };
}

/** Runs as another user; only root can. */
function changedTo(uid: number, gid: number): RunAs {
  const prefix = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
  return { mode: 'setpriv', uid, gid, prefix };
}

/** Are user namespaces allowed here? Many containers refuse them. */
function canUnshare(): boolean {
  const [command, ...prefix] = unshared().prefix;
  return spawnSync(command as string, [...prefix, 'true'], { stdio: 'ignore', timeout: 10_000 }).status === 0;
}

/** How to make a new data directory. `wanted` is for tests and for containers that need one way. */
export function chooseMode(wanted: Mode | 'auto'): RunAs {
  const uid = process.getuid?.() ?? 0;
  if (uid !== 0) {
    const direct: RunAs = { mode: 'direct', uid, gid: process.getgid?.() ?? uid, prefix: [] };
    if (wanted === 'direct') return direct;
    // Without a name (as in some containers) initdb refuses; in a namespace the number has one.
    return wanted === 'unshare' || (!hasName() && canUnshare()) ? unshared() : direct;
  }
  if (wanted === 'unshare' || (wanted === 'auto' && canUnshare())) return unshared();
  const nobody = { uid: 65_534, gid: 65_534 };
  return changedTo(nobody.uid, nobody.gid);
}

function hasName(): boolean {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}

/** How to use a data directory that was made before. Error: GC1210 when this user cannot. */
export function modeOfExisting(directory: string, record: { mode: Mode; uid: number; gid: number }): RunAs {
  const user = process.getuid?.() ?? 0;
  if (user === 0 && record.uid !== 0) return changedTo(record.uid, record.gid);
  if (user !== record.uid) {
    const detail = `it belongs to user id ${record.uid}.`;
    throw new GroundcrewError('GC1210', { directory, user, detail });
  }
  if (record.mode === 'unshare') {
    if (canUnshare()) return unshared();
    const detail = 'it was made in a user namespace, and user namespaces are refused here.';
    throw new GroundcrewError('GC1210', { directory, user, detail });
  }
  return { mode: 'direct', uid: record.uid, gid: record.gid, prefix: [] };
}
