import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { deadlineSignal, systemClock } from '../../../src/base/clock.ts';
import type { NodeId } from '../../../src/base/ids.ts';
import { silentLog } from '../../../src/base/log.ts';
import { systemRandom } from '../../../src/base/random.ts';
import { removeNode } from '../../../src/providers/local/destroy.ts';
import {
  listDirectories,
  nodePaths,
  nodesDirectory,
  readProcesses,
  readRecord,
} from '../../../src/providers/local/state-directory.ts';
import { showsSomethingOf } from '../../../src/providers/local/testing/shown.ts';

/** How the names of all scratch directories begin; the process that made one follows. */
export const SCRATCH_PREFIX = 'groundcrew-e2e-';

/** A process that has to do with a scratch directory. */
export interface Found {
  pid: number;
  command: string;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/**
 * Every process that names the directory, works in it, or sees something of it mounted in a namespace of its own: the
 * server, its PostgreSQL, and everything on its nodes. The name of a scratch directory is found nowhere else.
 */
export function processesOf(directory: string): Found[] {
  const name = basename(directory);
  const own_mounts = link('/proc/self/ns/mnt');
  const found: Found[] = [];
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const at = `/proc/${pid}`;
    const mounts = link(`${at}/ns/mnt`);
    const isOurs =
      read(`${at}/cmdline`).includes(name) ||
      link(`${at}/cwd`).includes(name) ||
      read(`${at}/environ`).includes(name) ||
      (mounts !== '' && mounts !== own_mounts && showsSomethingOf(name, read(`${at}/mountinfo`)));
    if (isOurs) found.push({ pid, command: read(`${at}/cmdline`).replaceAll('\0', ' ').slice(0, 300) });
  }
  return found;
}

/** Mounts below the directory in our own namespace. */
export function mountsOf(directory: string): string[] {
  return read('/proc/self/mountinfo')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point.startsWith(`${directory}/`));
}

/** Cgroups of these nodes that are still there. */
export function cgroupsOf(node_ids: Iterable<string>): string[] {
  const wanted = new Set([...node_ids].map((id) => `groundcrew-${id}`));
  const found: string[] = [];
  const walk = (directory: string, depth: number): void => {
    let names: string[] = [];
    try {
      names = readdirSync(directory, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name);
    } catch {
      return;
    }
    for (const name of names) {
      if (wanted.has(name)) found.push(join(directory, name));
      else if (depth > 0) walk(join(directory, name), depth - 1);
    }
  };
  walk('/sys/fs/cgroup', 4);
  return found;
}

/** The cgroups that the driver says these nodes have. */
export async function recordedCgroups(data: string, node_ids: Iterable<string>): Promise<string[]> {
  const records = await Promise.all([...node_ids].map((id) => readRecord(nodePaths(join(nodesDirectory(data), id)))));
  return records.flatMap((record) => record?.cgroups ?? []);
}

/** Names of the machines that the local driver keeps in a data directory. */
export async function machinesIn(data: string): Promise<string[]> {
  return (await listDirectories(data)).map(({ name }) => name);
}

/** Destroys every machine of a data directory as the driver does; for what a test leaves when it fails. */
export async function destroyMachines(data: string): Promise<void> {
  const signal = deadlineSignal(systemClock, 60_000);
  const context = { clock: systemClock, random: systemRandom, log: silentLog, signal };
  for (const name of await machinesIn(data)) {
    const paths = nodePaths(join(nodesDirectory(data), name));
    await removeNode(paths, name, await readRecord(paths), context);
  }
}

/** The process that keeps a node alive: the first of its namespace. */
export async function firstProcessOf(data: string, node_id: string): Promise<number> {
  const record = await readProcesses(nodePaths(join(nodesDirectory(data), node_id)));
  if (record === null) throw new Error(`${node_id} has no processes`);
  return record.first.pid;
}

/** The agent's process, found among those that run an agent by what it sees of the node's directory. */
export function agentProcessOf(data: string, node_id: NodeId | string): number {
  const own_mounts = link('/proc/self/ns/mnt');
  for (const entry of readdirSync('/proc')) {
    const at = `/proc/${entry}`;
    if (!/^\d+$/.test(entry)) continue;
    const words = read(`${at}/cmdline`)
      .split('\0')
      .filter((word) => word !== '');
    if (!/(^|\/)node$/.test(words[0] ?? '') || !(words.at(-1) ?? '').endsWith('/agent.js')) continue;
    // Without isolation it sees what everybody sees, and has only been told where its files are.
    const seen = read(`${at}/${link(`${at}/ns/mnt`) === own_mounts ? 'environ' : 'mountinfo'}`);
    if (seen.includes(`/nodes/${node_id}/`)) return Number(entry);
  }
  throw new Error(
    `no agent of ${node_id} runs (${existsSync(join(data, 'nodes', node_id)) ? 'its machine is there' : 'no machine'})`,
  );
}
