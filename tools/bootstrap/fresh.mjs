import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/**
 * Is an output newer than its inputs? A stamp beside the logs names every input of the last build with time, size and
 * hash. An unchanged time and size is believed; otherwise the hash decides, so that a checkout of the same text builds
 * nothing. `key` stands for everything else that the output depends on.
 */
export function isFresh(root, stampFile, output, key) {
  if (!existsSync(output)) return false;
  const stamp = readStamp(stampFile);
  if (stamp === null || stamp.key !== key) return false;
  return Object.entries(stamp.inputs).every(([path, before]) => isSame(join(root, path), before));
}

/** Writes the stamp, or removes it when an input changed while the build ran. */
export function writeStamp(root, stampFile, key, inputs, started_ms) {
  mkdirSync(dirname(stampFile), { recursive: true });
  rmSync(stampFile, { force: true });
  const entries = {};
  for (const path of [...inputs].sort()) {
    const status = statSync(join(root, path), { throwIfNoEntry: false });
    if (status === undefined || status.mtimeMs >= started_ms) return;
    entries[path] = { mtime_ms: status.mtimeMs, size_bytes: status.size, sha256: hashFile(join(root, path)) };
  }
  writeFileSync(`${stampFile}.new`, JSON.stringify({ key, inputs: entries }));
  renameSync(`${stampFile}.new`, stampFile);
}

/** Every file below the given files and directories, relative to the root. */
export function filesBelow(root, paths) {
  const found = [];
  for (const path of paths) {
    const status = statSync(join(root, path), { throwIfNoEntry: false });
    if (status?.isFile()) found.push(path);
    if (!status?.isDirectory()) continue;
    for (const entry of readdirSync(join(root, path), { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) found.push(relative(root, join(entry.parentPath ?? entry.path, entry.name)));
    }
  }
  return found.filter((path) => !path.includes('node_modules/') && !/\.test\.tsx?$/.test(path)).sort();
}

/** One hash over texts. */
export function hashOf(...texts) {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${text.length}:${text}`);
  return hash.digest('hex');
}

function hashFile(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

function isSame(file, before) {
  const status = statSync(file, { throwIfNoEntry: false });
  if (status === undefined) return false;
  if (status.mtimeMs === before.mtime_ms && status.size === before.size_bytes) return true;
  return status.size === before.size_bytes && hashFile(file) === before.sha256;
}

function readStamp(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}
