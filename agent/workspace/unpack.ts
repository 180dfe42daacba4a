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
import { createGunzip } from 'node:zlib';
import { GroundcrewError, messageOf } from '../../src/base/errors/error.ts';
import { formatSize } from '../../src/base/units.ts';
import { isInsideLink, safeParts } from './safe-path.ts';
import { readTar, type TarEntry } from './tar-reader.ts';

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
    for await (const entry of readTar(bounded(archive.pipe(createGunzip()), archive, limits.bytes))) {
      entries++;
      current = `${entries} (${JSON.stringify(entry.path.slice(0, 200))})`;
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

async function* bounded(stream: Readable, source: Readable, limit_bytes: number): AsyncGenerator<Buffer> {
  source.on('error', (error) => stream.destroy(error));
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limit_bytes) throw new Error(`it unpacks to more than ${formatSize(limit_bytes)}`);
    yield chunk;
  }
}

async function place(entry: TarEntry, root: string, known: Known, modes: [string, number][]): Promise<void> {
  const parts = safeParts(entry.path);
  if (parts.length === 0) {
    if (entry.kind === 'directory') return;
    throw new Error('it has no name');
  }
  const parents = parts.slice(0, -1);
  makeParents(parents, root, known);
  const name = parts.join('/');
  const path = `${root}/${name}`;
  if (entry.kind === 'directory') {
    if (known.get(name) === undefined) mkdirSync(path);
    else if (known.get(name) !== 'directory') throw new Error('it was a file or link before');
    known.set(name, 'directory');
    modes.push([path, entry.mode]);
    return;
  }
  // A later entry of the same name replaces the earlier one, as tar does.
  if (known.get(name) === 'directory') throw new Error('it was a directory before');
  if (known.has(name)) rmSync(path);
  if (entry.kind === 'file') await writeFile(path, entry);
  else if (entry.kind === 'symbolic link') makeLink(path, parents, entry.target);
  else if (entry.kind === 'hard link') makeHardLink(path, root, known, entry.target);
  else throw new Error('it is neither file, directory nor link');
  known.set(name, entry.kind === 'symbolic link' ? 'link' : 'file');
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
    for await (const part of entry.body) {
      for (let written = 0; written < part.length; ) written += writeSync(descriptor, part, written);
    }
    fchmodSync(descriptor, entry.mode);
    if (entry.modified_s >= 0 && entry.modified_s < 2 ** 33)
      futimesSync(descriptor, entry.modified_s, entry.modified_s);
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
