import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { messageOf } from '../../src/base/errors/error.ts';
import { formatSize } from '../../src/base/units.ts';
import type { ResultSpec } from '../../src/protocol/job.ts';
import { compileGlob, type Glob } from './glob.ts';
import { compareNaturally } from './natural-order.ts';

export interface CollectRequest {
  results: ResultSpec[];
  artifacts: string[];
  /** At most this many files of each kind, and of both together; results come first. */
  count: { result: number; artifact: number; together: number };
  /** Of both together. */
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
  /** Of the notes those about results that are there, or may be, and are not in `files`. */
  lost_results: string[];
}

/** Told while it works, so that a long collection can be told from a hung one. */
export interface CollectProgress {
  found(file: FoundFile): void;
  alive(): void;
}

type Kind = FoundFile['kind'];

/**
 * Directory entries looked at, at most: a glob such as `**` over a huge tree must end. For results more, since a run
 * whose results were not all looked for fails.
 */
const VISITS: Record<Kind, number> = { result: 2_000_000, artifact: 500_000 };
/** Beyond so many, what was left out is only counted. */
const LEFT_OUT_NAMED = 20;
const READ_BYTES = 2 ** 18;
const ALIVE_BYTES = 2 ** 28;

/** Finds, orders and hashes what a run leaves behind. Symbolic links count only when they lead to a file inside. */
export async function collect(
  directory: string,
  request: CollectRequest,
  progress?: CollectProgress,
): Promise<Collection> {
  const root = realpathSync(directory);
  const notes: string[] = [];
  const left_out: Record<Kind, LeftOut> = { result: new LeftOut('result'), artifact: new LeftOut('artifact') };
  const chosen = choose(root, request, notes, left_out);
  const files: FoundFile[] = [];
  const taken = { result: 0, artifact: 0 };
  let left_bytes = request.bytes;
  for (const file of chosen) {
    const { kind, path } = file;
    if (taken[kind] >= request.count[kind] || files.length >= request.count.together) {
      left_out[kind].add(path, `beyond the limit of ${Math.min(request.count[kind], request.count.together)} files`);
      continue;
    }
    try {
      const hashed = hashFile(`${root}/${path}`, left_bytes, () => progress?.alive());
      left_bytes -= hashed.size_bytes;
      const found = { ...file, ...hashed, ordinal: taken[kind]++ };
      files.push(found);
      progress?.found(found);
    } catch (error) {
      // One file that cannot be read, or is gone by now, is no reason to lose the others.
      left_out[kind].add(path, messageOf(error));
    }
  }
  const lost_results = left_out.result.sentences();
  return { files, notes: [...notes, ...lost_results, ...left_out.artifact.sentences()], lost_results };
}

/** What is there and is not taken: a few by name, the rest by number. */
class LeftOut {
  readonly #kind: Kind;
  readonly #sentences: string[] = [];
  #count = 0;

  constructor(kind: Kind) {
    this.#kind = kind;
  }

  add(path: string, reason: string): void {
    if (++this.#count <= LEFT_OUT_NAMED) this.say(`the ${this.#kind} ${path} was left out: ${reason}`);
  }

  say(sentence: string): void {
    this.#sentences.push(sentence);
  }

  sentences(): string[] {
    const more = this.#count - LEFT_OUT_NAMED;
    return more > 0 ? [...this.#sentences, `${more} more ${this.#kind} files were left out`] : this.#sentences;
  }
}

type ChosenFile = Omit<FoundFile, 'size_bytes' | 'sha256'>;

function choose(
  root: string,
  request: CollectRequest,
  notes: string[],
  left_out: Record<Kind, LeftOut>,
): Iterable<ChosenFile> {
  const chosen = new Map<string, ChosenFile>();
  const walks: Record<Kind, Walk> = {
    result: new Walk(root, VISITS.result, left_out.result, notes),
    artifact: new Walk(root, VISITS.artifact, left_out.artifact, notes),
  };
  const one = (pattern: string, kind: Kind, format: string | null): void => {
    const glob = compiled(pattern, left_out[kind]);
    if (glob === null) return;
    const found = walks[kind].find(glob).sort(compareNaturally);
    if (found.length === 0) notes.push(`no file matches ${kind} ${JSON.stringify(pattern)}`);
    for (const path of found) {
      const key = `${kind}:${path}`;
      if (!chosen.has(key)) chosen.set(key, { kind, path, format, ordinal: 0 });
    }
  };
  for (const result of request.results) one(result.path, 'result', result.format);
  for (const pattern of request.artifacts) one(pattern, 'artifact', null);
  for (const kind of ['result', 'artifact'] as const) {
    if (!walks[kind].isCut()) continue;
    left_out[kind].say(
      `there are more than ${VISITS[kind]} entries where its globs look for ${kind} files; not all were looked at`,
    );
  }
  return chosen.values();
}

/** Null when it is beyond its bounds: a server refuses such a job, but not every server is as new as this agent. */
function compiled(pattern: string, left_out: LeftOut): Glob | null {
  try {
    return compileGlob(pattern);
  } catch (error) {
    left_out.say(`nothing was looked for: ${messageOf(error)} (${JSON.stringify(pattern.slice(0, 100))})`);
    return null;
  }
}

/** Looks through directories for the globs of one kind, within one bound for all of them. */
class Walk {
  readonly #root: string;
  readonly #left_out: LeftOut;
  readonly #notes: string[];
  readonly #unreadable = new Set<string>();
  #left: number;

  constructor(root: string, visits: number, left_out: LeftOut, notes: string[]) {
    this.#root = root;
    this.#left = visits;
    this.#left_out = left_out;
    this.#notes = notes;
  }

  isCut(): boolean {
    return this.#left < 0;
  }

  find(glob: Glob): string[] {
    const found: string[] = [];
    if (glob.fixed.includes('..')) return found;
    const start = glob.fixed.join('/');
    const pending = [start];
    for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
      for (const entry of this.#entries(place, start)) {
        if (--this.#left < 0) return found;
        const path = place === '' ? entry.name : `${place}/${entry.name}`;
        if (entry.isDirectory()) pending.push(path);
        else if (glob.matches(path) && this.#isFileInside(path, entry)) found.push(path);
      }
    }
    return found;
  }

  #entries(place: string, start: string): Dirent[] {
    const path = place === '' ? this.#root : `${this.#root}/${place}`;
    try {
      // The fixed part may itself lead through a link: only real directories are entered.
      if (realpathSync(path) !== path) return [];
      return readdirSync(path, { withFileTypes: true });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') this.#cannotEnter(place, place === start, messageOf(error));
      return [];
    }
  }

  /** A directory that a glob names is meant; one that it only passes through may be anybody's (a container's data). */
  #cannotEnter(place: string, isNamed: boolean, reason: string): void {
    if (this.#unreadable.has(place)) return;
    this.#unreadable.add(place);
    if (isNamed) this.#left_out.add(`${place}/`, reason);
    else if (this.#unreadable.size <= LEFT_OUT_NAMED)
      this.#notes.push(`nothing was looked for in ${place}/: ${reason}`);
  }

  #isFileInside(path: string, entry: Dirent): boolean {
    if (entry.isFile()) return true;
    if (!entry.isSymbolicLink()) return false;
    if (insideFile(this.#root, path) !== null) return true;
    if (isFile(`${this.#root}/${path}`))
      this.#left_out.add(path, 'it is a link that leads out of the working directory');
    return false;
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
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

/** Opens a file for reading; throws for anything else, where opening a pipe would wait for its writer for ever. */
export function openFile(path: string): { descriptor: number; size_bytes: number } {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) throw new Error('it is no file any more');
    return { descriptor, size_bytes: status.size };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** Size and hash of the same reading, so that they always fit each other: of a file that still grows its size at first. */
function hashFile(path: string, most_bytes: number, alive: () => void): { size_bytes: number; sha256: string } {
  const { descriptor, size_bytes } = openFile(path);
  try {
    if (size_bytes > most_bytes) {
      throw new Error(`its ${formatSize(size_bytes)} are beyond the limit of what a run may leave behind`);
    }
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(READ_BYTES, size_bytes)));
    let at = 0;
    for (let told = 0; at < size_bytes; ) {
      const count = readSync(descriptor, buffer, 0, Math.min(buffer.length, size_bytes - at), at);
      if (count === 0) break;
      hash.update(buffer.subarray(0, count));
      at += count;
      if (at - told < ALIVE_BYTES) continue;
      told = at;
      alive();
    }
    return { size_bytes: at, sha256: hash.digest('hex') };
  } finally {
    closeSync(descriptor);
  }
}
