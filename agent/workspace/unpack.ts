import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  futimesSync,
  linkSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import type { Readable } from 'node:stream';
import { GroundcrewError, messageOf } from '../../src/base/errors/error.ts';
import { isInsideLink, safeParts } from './safe-path.ts';
import { type TarEntry, tarEntries } from './tar-entries.ts';

export interface UnpackLimits {
  entries: number;
  /** Of everything that the archive unpacks to. */
  bytes: number;
}

type Known = Map<string, 'directory' | 'file' | 'link'>;

/**
 * Unpacks a tar.gz into a directory that is emptied first, so that a second try is like the first. Nothing is written
 * outside it and no link leads out of it: only directories that were made here are entered. Throws GC1903 with the entry
 * that was refused; other errors are the system's (a full disk).
 */
export async function unpack(archive: Readable, directory: string, limits: UnpackLimits): Promise<{ entries: number }> {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const known: Known = new Map([['', 'directory']]);
  const modes: [string, number][] = [];
  let entries = 0;
  let current = '1';
  const refuse = (error: unknown): never => {
    const code = (error as NodeJS.ErrnoException).code;
    if (error instanceof GroundcrewError || code === 'ENOSPC' || code === 'EDQUOT') throw error;
    throw new GroundcrewError('GC1903', { entry: current, detail: messageOf(error) }, error);
  };
  try {
    for await (const entry of tarEntries(archive, limits.bytes)) {
      entries++;
      current = `${entries} (${JSON.stringify(entry.header.name.slice(0, 200))})`;
      if (entries > limits.entries) throw new Error(`there are more than ${limits.entries} entries`);
      await place(entry, directory, known, modes);
      current = `${entries + 1}`;
    }
    // Only now, and deepest first: a directory that may not be written takes no files.
    for (const [path, mode] of modes.reverse()) chmodSync(path, mode | 0o700);
  } catch (error) {
    refuse(error);
  }
  return { entries };
}

async function place(entry: TarEntry, root: string, known: Known, modes: [string, number][]): Promise<void> {
  const { type } = entry.header;
  // Null when there is none, whatever its type says.
  const linkname = entry.header.linkname ?? '';
  const parts = safeParts(entry.header.name);
  if (parts.length === 0) {
    if (type === 'directory') return;
    throw new Error('it has no name');
  }
  const parents = parts.slice(0, -1);
  makeParents(parents, root, known);
  const name = parts.join('/');
  const path = `${root}/${name}`;
  if (type === 'directory') {
    if (known.get(name) === undefined) mkdirSync(path);
    else if (known.get(name) !== 'directory') throw new Error('it was a file or link before');
    known.set(name, 'directory');
    modes.push([path, modeOf(entry)]);
    return;
  }
  // A later entry of the same name replaces the earlier one, as tar does.
  if (known.get(name) === 'directory') throw new Error('it was a directory before');
  if (known.has(name)) rmSync(path);
  if (type === 'file' || type === 'contiguous-file') await writeFile(path, entry);
  else if (type === 'symlink') makeLink(path, parents, linkname);
  else if (type === 'link') makeHardLink(path, root, known, linkname);
  else throw new Error('it is neither file, directory nor link');
  known.set(name, type === 'symlink' ? 'link' : 'file');
}

function makeParents(parents: readonly string[], root: string, known: Known): void {
  for (let depth = 1; depth <= parents.length; depth++) {
    const name = parents.slice(0, depth).join('/');
    const kind = known.get(name);
    if (kind === 'directory') continue;
    if (kind !== undefined) throw new Error(`its path goes through "${name}", which is not a directory`);
    mkdirSync(`${root}/${name}`);
    known.set(name, 'directory');
  }
}

async function writeFile(path: string, entry: TarEntry): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const descriptor = openSync(path, flags, 0o600);
  try {
    for await (const part of entry as AsyncIterable<Buffer>) {
      for (let written = 0; written < part.length; ) written += writeSync(descriptor, part, written);
    }
    fchmodSync(descriptor, modeOf(entry));
    const modified_s = entry.header.mtime.getTime() / 1000;
    if (modified_s >= 0 && modified_s < 2 ** 33) futimesSync(descriptor, modified_s, modified_s);
  } finally {
    closeSync(descriptor);
  }
}

function makeLink(path: string, parents: readonly string[], target: string): void {
  if (!isInsideLink(parents, target)) throw new Error(`it links out of the checkout, to ${JSON.stringify(target)}`);
  symlinkSync(target, path);
}

function makeHardLink(path: string, root: string, known: Known, target: string): void {
  const name = safeParts(target).join('/');
  if (known.get(name) !== 'file') throw new Error(`it is a hard link to ${JSON.stringify(target)}, which is no file`);
  linkSync(`${root}/${name}`, path);
}

/** What anybody may do with it: never that it runs as its owner. */
function modeOf(entry: TarEntry): number {
  return entry.header.mode & 0o777;
}
