import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { promisify } from 'node:util';
import { createGzip } from 'node:zlib';
import { type Pack, pack } from 'tar-stream';
import { GroundcrewError, messageOf } from '../base/errors/error.ts';

/** Never part of a checkout, whatever the directory says. */
const LEFT_OUT = new Set(['.git', '.groundcrew', 'node_modules']);
const GIT_TIMEOUT_MS = 30_000;
const GIT_OUTPUT_BYTES = 256 * 2 ** 20;

/** A file of a checkout: its name in the archive, and where it is now. */
interface Source {
  name: string;
  path: string;
}

/**
 * The sources in a directory as tar.gz, as they are now: what git tracks and what is new and not ignored when it is a
 * work tree, else everything but what is never wanted. Later directories lie over earlier ones. Errors: GC1017.
 */
export async function packCheckout(directories: readonly string[]): Promise<Readable> {
  const sources = new Map<string, Source>();
  for (const directory of directories) {
    for (const source of await listSources(directory)) sources.set(source.name, source);
  }
  const archive = pack({});
  const zipped = createGzip({ level: 6 });
  pipeline(archive, zipped, () => undefined);
  fill(archive, [...sources.values()]).catch((error: unknown) => zipped.destroy(error as Error));
  return zipped;
}

async function fill(archive: Pack, sources: readonly Source[]): Promise<void> {
  for (const { name, path } of sources) {
    const status = await lstat(path);
    const header = { name, mode: status.mode & 0o777, mtime: status.mtime };
    if (status.isSymbolicLink()) archive.entry({ ...header, type: 'symlink', linkname: await readlink(path) });
    else if (status.isFile()) await addFile(archive, { ...header, size: status.size }, path);
  }
  archive.finalize();
}

function addFile(
  archive: Pack,
  header: { name: string; mode: number; mtime: Date; size: number },
  path: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const entry = archive.entry(header, (error) => (error ? reject(error) : resolve()));
    // Exactly the announced size, should the file grow meanwhile.
    if (header.size === 0) entry.end(undefined);
    else
      createReadStream(path, { start: 0, end: header.size - 1 })
        .on('error', reject)
        .pipe(entry);
  });
}

async function listSources(directory: string): Promise<Source[]> {
  try {
    const names = (await trackedNames(directory)) ?? (await walk(directory, ''));
    const sources = names.map((name) => ({ name, path: join(directory, name) }));
    // A tracked file may be deleted in the work tree: the checkout is what is there.
    const present = await Promise.all(sources.map(async ({ path }) => (await lstat(path).catch(() => null)) !== null));
    return sources.filter((_, index) => present[index]);
  } catch (error) {
    throw new GroundcrewError('GC1017', { directory, detail: whyUnreadable(error) }, error);
  }
}

function whyUnreadable(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such directory.';
  return code === 'ENOTDIR' ? 'that is no directory.' : `${messageOf(error)}.`;
}

/** Null when the directory is not in a git work tree, or git is not there. */
async function trackedNames(directory: string): Promise<string[] | null> {
  const words = ['-C', directory, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  try {
    const { stdout } = await promisify(execFile)('git', words, {
      timeout: GIT_TIMEOUT_MS,
      maxBuffer: GIT_OUTPUT_BYTES,
    });
    const names = stdout.split('\0').filter((name) => name !== '');
    return names.length === 0 ? null : names;
  } catch {
    return null;
  }
}

async function walk(root: string, below: string): Promise<string[]> {
  const entries = await readdir(join(root, below), { withFileTypes: true });
  const names: string[] = [];
  for (const entry of entries) {
    if (LEFT_OUT.has(entry.name)) continue;
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) names.push(...(await walk(root, name)));
    else names.push(name);
  }
  return names;
}
