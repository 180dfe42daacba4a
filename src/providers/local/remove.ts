import { execFile } from 'node:child_process';
import { readdir, readFile, rm, rmdir, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { hasCode } from './faults.ts';
import { type MachineFacts, mappedArguments } from './machine.ts';
import type { NodePaths, NodeRecord } from './state-directory.ts';

const run = promisify(execFile);
const UNMOUNT_TIMEOUT_MS = 10_000;
const REMOVE_TIMEOUT_MS = 600_000;

/** Mount points of ours within the directory, innermost first. A node makes none; a person may have. */
async function mountPoints(directory: string): Promise<string[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  return lines
    .map((line) =>
      (line.split(' ')[4] ?? '').replace(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(parseInt(code, 8))),
    )
    .filter((point) => point.startsWith(`${directory}/`))
    .reverse();
}

async function removeTree(path: string, record: NodeRecord | null, machine: MachineFacts): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    if (!hasCode(error, 'EACCES', 'EPERM')) throw error;
    // A user's own files may be in directories without write permission; mapped users' files need their namespace.
    const prefix = record?.isolation.users === 'mapped' ? mappedArguments(machine) : [];
    const script = 'chmod -R u+rwX -- "$1" 2>/dev/null; rm -rf -- "$1"';
    const [command = 'sh', ...rest] = [...prefix, 'sh', '-c', script, 'remove', path];
    await run(command, rest, { timeout: REMOVE_TIMEOUT_MS });
  }
}

/**
 * Removes a node's directory; its processes must be gone. The record goes last, so that a crash in between leaves a
 * directory that is still known as ours. Missing = done.
 */
export async function removeDirectory(
  paths: NodePaths,
  record: NodeRecord | null,
  machine: MachineFacts,
): Promise<void> {
  for (const point of await mountPoints(paths.root)) {
    await run('umount', ['-l', '--', point], { timeout: UNMOUNT_TIMEOUT_MS });
  }
  const names = await readdir(paths.root).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  });
  for (const name of names.filter((name) => name !== basename(paths.record))) {
    await removeTree(join(paths.root, name), record, machine);
  }
  await unlink(paths.record).catch(ignoreMissing);
  await rmdir(paths.root).catch(ignoreMissing);
}

function ignoreMissing(error: unknown): void {
  if (!hasCode(error, 'ENOENT')) throw error;
}
