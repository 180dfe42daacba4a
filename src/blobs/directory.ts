import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Clock, systemClock } from '../base/clock.ts';
import { GroundcrewError, messageOf } from '../base/errors/error.ts';
import type { BlobHead, Blobs, PutOptions, PutResult, Range } from './contract.ts';
import { Incoming } from './incoming.ts';
import { checkKey, checkPrefix } from './key.ts';
import { emptyStream, Measure } from './measure.ts';

/** Ends the name of every object's file. No key holds it, so that the keys `a` and `a/b` do not get in each other's way. */
const SUFFIX = '~';
/** Parents of a key are removed when they are empty: a put that meets that makes them again. */
const MOST_TRIES = 10;

/**
 * Objects as files below a directory, which several processes may share. Leftovers of killed writes are removed.
 * Errors: GC1211, GC1223 when the directory cannot be used.
 */
export async function openDirectoryBlobs(directory: string, clock: Clock = systemClock): Promise<Blobs> {
  const incoming = new Incoming(join(directory, '.incoming'));
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await incoming.prepare(clock);
  } catch (error) {
    throw failure(error, directory, 'open', '');
  }
  return new DirectoryBlobs(directory, incoming);
}

class DirectoryBlobs implements Blobs {
  readonly #directory: string;
  readonly #incoming: Incoming;

  constructor(directory: string, incoming: Incoming) {
    this.#directory = directory;
    this.#incoming = incoming;
  }

  async put(key: string, body: Readable | Buffer, options: PutOptions = {}): Promise<PutResult> {
    checkKey(key);
    const measure = new Measure(key, options);
    const draft = this.#incoming.newPath();
    try {
      // `flush`: on the disk before the file is closed, and so before it gets its name.
      await pipeline(measure.through(body), createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true }));
      const result = measure.result();
      await this.#publish(draft, this.#path(key));
      return result;
    } catch (error) {
      await rm(draft, { force: true });
      throw failure(error, this.#directory, 'store', key);
    }
  }

  async get(key: string, range: Range = { start: 0 }): Promise<Readable> {
    checkKey(key);
    try {
      const file = await open(this.#path(key), 'r');
      const { start, end = Number.POSITIVE_INFINITY } = range;
      if (end > start) return createReadStream('', { fd: file, start, end: end - 1 });
      await file.close();
      return emptyStream();
    } catch (error) {
      throw failure(error, this.#directory, 'read', key);
    }
  }

  async head(key: string): Promise<BlobHead | null> {
    checkKey(key);
    try {
      const { size, mtimeMs } = await stat(this.#path(key));
      return { size_bytes: size, modified_ms: Math.floor(mtimeMs) };
    } catch (error) {
      if (isMissing(error)) return null;
      throw failure(error, this.#directory, 'read', key);
    }
  }

  async remove(key: string): Promise<void> {
    checkKey(key);
    try {
      await rm(this.#path(key), { force: true });
      await this.#removeEmptyParents(key);
    } catch (error) {
      if (!isMissing(error)) throw failure(error, this.#directory, 'remove', key);
    }
  }

  async *list(prefix: string): AsyncGenerator<string> {
    checkPrefix(prefix);
    const parent = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    yield* this.#walk(parent, prefix);
  }

  #path(key: string): string {
    return join(this.#directory, `${key}${SUFFIX}`);
  }

  async #publish(draft: string, path: string): Promise<void> {
    const parent = dirname(path);
    for (let tries = 1; ; tries++) {
      try {
        const made = await mkdir(parent, { recursive: true, mode: 0o700 });
        await rename(draft, path);
        await syncDirectories(parent, made === undefined ? parent : dirname(made));
        return;
      } catch (error) {
        if (!isMissing(error) || tries === MOST_TRIES) throw error;
      }
    }
  }

  async #removeEmptyParents(key: string): Promise<void> {
    for (let parent = dirname(key); parent !== '.'; parent = dirname(parent)) {
      try {
        await rmdir(join(this.#directory, parent));
      } catch {
        // Not empty, or removed by somebody else.
        return;
      }
    }
  }

  /** In the order of whole keys: a directory counts with its slash. */
  async *#walk(parent: string, prefix: string): AsyncGenerator<string> {
    const entries = await readdir(join(this.#directory, parent), { withFileTypes: true }).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw failure(error, this.#directory, 'list', parent);
    });
    const names = entries
      .filter((entry) => !entry.name.startsWith('.'))
      .filter((entry) => entry.isDirectory() || entry.name.endsWith(SUFFIX))
      .map((entry) => parent + (entry.isDirectory() ? `${entry.name}/` : entry.name.slice(0, -SUFFIX.length)))
      .filter((name) => name.startsWith(prefix) || (name.endsWith('/') && prefix.startsWith(name)))
      .sort((a, b) => (a < b ? -1 : 1));
    for (const name of names) {
      if (name.endsWith('/')) yield* this.#walk(name, prefix);
      else yield name;
    }
  }
}

/** A new name is safe when its directory is on the disk, and so on upwards as far as directories are new. */
async function syncDirectories(from: string, to: string): Promise<void> {
  for (let path = from; ; path = dirname(path)) {
    const directory = await open(path, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
    if (path === to || path === dirname(path)) return;
  }
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code ?? '');
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR';
}

function failure(error: unknown, directory: string, action: string, key: string): unknown {
  const code = codeOf(error);
  if (error instanceof GroundcrewError) return error;
  if (code === 'ENOSPC' || code === 'EDQUOT') return new GroundcrewError('GC1211', { detail: directory }, error);
  if (isMissing(error) && action === 'read') return new GroundcrewError('GC1221', { key }, error);
  // The sender broke off: its own error says more than ours could.
  if ((error as { syscall?: unknown } | null)?.syscall === undefined) return error;
  return new GroundcrewError('GC1223', { address: directory, action, key, detail: messageOf(error) }, error);
}
