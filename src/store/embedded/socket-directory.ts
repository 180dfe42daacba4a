import { createHash } from 'node:crypto';
import { chmodSync, chownSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GroundcrewError, messageOf } from '../../base/errors/error.ts';
import type { RunAs } from './user.ts';

/** sun_path holds 108 bytes, the last one zero (unix(7)). */
const LONGEST_PATH_BYTES = 107;
export const SOCKET_PORT = 5432;

export interface SocketDirectory {
  readonly path: string;
  /** Removes what is not part of the data directory. */
  remove(): void;
}

/**
 * The directory of the server's socket: in the data directory, or, when that path would be too long for a socket or
 * PostgreSQL runs as a user that may not enter it, a short one of our own, with a name that follows from the data
 * directory's. Nobody else may enter either. Error: GC1213.
 */
export function makeSocketDirectory(data_directory: string, run_as: RunAs): SocketDirectory {
  const inside = join(data_directory, 'socket');
  const socket = join(inside, `.s.PGSQL.${SOCKET_PORT}.lock`);
  if (run_as.mode !== 'setpriv' && Buffer.byteLength(socket) <= LONGEST_PATH_BYTES) {
    rmSync(inside, { recursive: true, force: true });
    mkdirSync(inside, { mode: 0o700, recursive: true });
    return { path: inside, remove: () => undefined };
  }
  const path = shortPath(data_directory, run_as);
  try {
    makeOwn(path, run_as);
  } catch (error) {
    throw new GroundcrewError('GC1213', { directory: path, detail: messageOf(error) }, error);
  }
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

function shortPath(data_directory: string, run_as: RunAs): string {
  const name = `groundcrew-${createHash('sha256').update(data_directory).digest('hex').slice(0, 16)}`;
  const runtime = process.env.XDG_RUNTIME_DIR;
  const parents = run_as.mode === 'setpriv' ? ['/tmp'] : [runtime ?? '', tmpdir(), '/tmp'];
  const fits = (parent: string): boolean =>
    parent.startsWith('/') &&
    Buffer.byteLength(join(parent, name, `.s.PGSQL.${SOCKET_PORT}.lock`)) <= LONGEST_PATH_BYTES &&
    lstatSync(parent, { throwIfNoEntry: false }) !== undefined;
  return join(parents.find(fits) ?? '/tmp', name);
}

/** Made by us, and not by a stranger who knew the name before: in /tmp anybody may make directories. */
function makeOwn(path: string, run_as: RunAs): void {
  const user = process.getuid?.() ?? 0;
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found !== undefined) {
    if (!found.isDirectory() || (found.uid !== user && found.uid !== run_as.uid)) {
      throw new Error('it belongs to somebody else');
    }
    rmSync(path, { recursive: true, force: true });
  }
  mkdirSync(path, { mode: 0o700 });
  chmodSync(path, 0o700);
  if (run_as.uid !== user) chownSync(path, run_as.uid, run_as.gid);
}
