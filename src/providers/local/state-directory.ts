import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Amount } from '../../base/amount.ts';
import { type NodeId, parseNodeId } from '../../base/ids.ts';
import { isSameProcess } from '../../base/process.ts';
import { hasCode } from './faults.ts';
import type { Isolation } from './isolation.ts';

/** Where the parts of one node are kept: DATA/nodes/NODE_ID. */
export interface NodePaths {
  root: string;
  record: string;
  processes: string;
  workspace: string;
  /** Files that only the agent may read. */
  private: string;
  agent_file: string;
  /** Files that stand in for the host's, such as /etc/passwd. */
  view: string;
  /** Empty; where `unshare` puts the node's root directory together. */
  mount_point: string;
  /** Home and temporary files of a node without isolation. */
  home: string;
  temporary: string;
  console: string;
}

export function nodesDirectory(data_directory: string): string {
  return join(data_directory, 'nodes');
}

export function nodePaths(root: string): NodePaths {
  return {
    root,
    record: join(root, 'node.json'),
    processes: join(root, 'processes.json'),
    workspace: join(root, 'workspace'),
    private: join(root, 'private'),
    agent_file: join(root, 'private', 'agent.json'),
    view: join(root, 'view'),
    mount_point: join(root, 'root'),
    home: join(root, 'home'),
    temporary: join(root, 'tmp'),
    console: join(root, 'console.log'),
  };
}

/** node.json: whose node it is and what must be undone. Written before anything is started. */
export interface NodeRecord {
  node_id: string;
  deployment_id: string;
  provider: string;
  isolation: Isolation;
  /** Cgroup directories of this node alone; they may not exist yet. */
  cgroups: string[];
  /** Of the provider's limits; not in records of before it was counted. */
  takes?: Amount;
}

export interface ProcessIdentity {
  pid: number;
  start_ticks: number;
}

/** processes.json: written after the processes were started and before the agent was let go. */
export interface ProcessRecord {
  /** Pids and start times mean something only within one boot of the machine. */
  boot_id: string;
  /** The process that we started: bwrap, unshare, or the node's shell. */
  outer: ProcessIdentity;
  /** The first process of the node's PID namespace; without isolation the same as `outer`. */
  first: ProcessIdentity;
  /** Was the agent told to go on? Written after it was told: false may also mean that a crash came between the two. */
  let_go: boolean;
}

let boot_id: string | undefined;

export async function bootId(): Promise<string> {
  boot_id ??= (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  return boot_id;
}

/** Writes so that a crash leaves the old text or the new one, never half of it. */
export async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  const file = await open(`${path}.new`, 'w', mode);
  try {
    await file.chmod(mode);
    await file.writeFile(text);
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

/** The record, or null when there is none (a crash came before it, or somebody else's directory). */
export async function readRecord(paths: NodePaths): Promise<NodeRecord | null> {
  return (await readJson(paths.record)) as NodeRecord | null;
}

export async function readProcesses(paths: NodePaths): Promise<ProcessRecord | null> {
  return (await readJson(paths.processes)) as ProcessRecord | null;
}

async function readJson(path: string): Promise<unknown> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof value === 'object' ? value : null;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR') || error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Does the node's first process still run? */
export async function isRunning(processes: ProcessRecord | null): Promise<boolean> {
  if (processes === null || processes.boot_id !== (await bootId())) return false;
  return isSameProcess(processes.first.pid, processes.first.start_ticks);
}

export async function makeNodesDirectory(data_directory: string): Promise<string> {
  const directory = nodesDirectory(data_directory);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return directory;
}

/** Every directory in DATA/nodes; the name is a node's identifier in those that we made. */
export async function listDirectories(data_directory: string): Promise<{ name: string; node_id: NodeId | null }[]> {
  try {
    const entries = await readdir(nodesDirectory(data_directory), { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => ({ name: entry.name, node_id: parseNodeId(entry.name) }));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
