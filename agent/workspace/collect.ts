import { createHash } from 'node:crypto';
import { createReadStream, type Dirent, lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import type { ResultSpec } from '../../src/protocol/job.ts';
import { compareNaturally, compileGlob, type Glob } from './glob.ts';

export interface CollectRequest {
  results: ResultSpec[];
  artifacts: string[];
  /** At most this many files and bytes; results come first. */
  count: number;
  bytes: number;
}

export interface FoundFile {
  kind: 'result' | 'artifact';
  /** Relative to the working directory. */
  path: string;
  /** Of results: the order of the globs, then of the names (attempts in their order). Artifacts count on their own. */
  ordinal: number;
  format: string | null;
  size_bytes: number;
  sha256: string;
}

export interface Collection {
  files: FoundFile[];
  /** Sentences for the log about what was left out, and globs that matched nothing. */
  notes: string[];
}

/** Directory entries looked at, at most: a glob such as `**` over a huge tree must end. */
const VISITS = 500_000;

/** Finds, orders and hashes what a run leaves behind. Symbolic links count only when they lead to a file inside. */
export async function collect(directory: string, request: CollectRequest): Promise<Collection> {
  const notes: string[] = [];
  const root = realpathSync(directory);
  const walked = { left: VISITS };
  const chosen = new Map<string, Omit<FoundFile, 'size_bytes' | 'sha256'>>();
  const choose = (pattern: string, kind: FoundFile['kind'], format: string | null): void => {
    const found = findFiles(root, compileGlob(pattern), walked).sort(compareNaturally);
    if (found.length === 0) notes.push(`no file matches ${kind} ${JSON.stringify(pattern)}`);
    for (const path of found) {
      const key = `${kind}:${path}`;
      if (!chosen.has(key)) chosen.set(key, { kind, path, format, ordinal: 0 });
    }
  };
  for (const result of request.results) choose(result.path, 'result', result.format);
  for (const pattern of request.artifacts) choose(pattern, 'artifact', null);
  if (walked.left <= 0) notes.push(`the working directory has more than ${VISITS} entries; not all were looked at`);

  const files: FoundFile[] = [];
  const ordinals = { result: 0, artifact: 0 };
  let left_bytes = request.bytes;
  let skipped = 0;
  for (const file of chosen.values()) {
    const size_bytes = files.length < request.count ? fileSize(`${root}/${file.path}`) : null;
    if (size_bytes === null || size_bytes > left_bytes) {
      skipped++;
      continue;
    }
    left_bytes -= size_bytes;
    const hashed = await hashFile(`${root}/${file.path}`);
    files.push({ ...file, ...hashed, ordinal: ordinals[file.kind]++ });
  }
  if (skipped > 0) notes.push(`${skipped} files were left out: unreadable, or beyond the limit of count or size`);
  return { files, notes };
}

function findFiles(root: string, glob: Glob, walked: { left: number }): string[] {
  const found: string[] = [];
  if (glob.fixed.includes('..')) return found;
  const pending = [glob.fixed.join('/')];
  for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
    for (const entry of entriesOf(root, place)) {
      if (--walked.left < 0) return found;
      const path = place === '' ? entry.name : `${place}/${entry.name}`;
      if (entry.isDirectory()) pending.push(path);
      else if (glob.matches(path) && isFileInside(root, path, entry)) found.push(path);
    }
  }
  return found;
}

function entriesOf(root: string, place: string): Dirent[] {
  try {
    // The fixed part may itself lead through a link: only real directories are entered.
    if (realpathSync(`${root}/${place}`) !== (place === '' ? root : `${root}/${place}`)) return [];
    return readdirSync(`${root}/${place}`, { withFileTypes: true });
  } catch {
    return [];
  }
}

function isFileInside(root: string, path: string, entry: Dirent): boolean {
  if (entry.isFile()) return true;
  return entry.isSymbolicLink() && insideFile(root, path) !== null;
}

/** The real path of a file inside the directory; null when it leads out, is no file, or is not there. */
export function insideFile(root: string, path: string): string | null {
  try {
    const real = realpathSync(`${root}/${path}`);
    return real.startsWith(`${root}/`) && lstatSync(real).isFile() ? real : null;
  } catch {
    return null;
  }
}

function fileSize(path: string): number | null {
  try {
    return statSync(path).size;
  } catch {
    return null;
  }
}

/** Size and hash of the same reading, so that they always fit each other. */
async function hashFile(path: string): Promise<{ size_bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let size_bytes = 0;
  for await (const part of createReadStream(path, { highWaterMark: 2 ** 18 }) as AsyncIterable<Buffer>) {
    size_bytes += part.length;
    hash.update(part);
  }
  return { size_bytes, sha256: hash.digest('hex') };
}
