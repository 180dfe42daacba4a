import { readFileSync, readlinkSync } from 'node:fs';
import { readdir, readlink } from 'node:fs/promises';
import type { Clock } from '../../base/clock.ts';
import { ProviderFault } from '../../base/faults.ts';
import { processStart_ticks } from '../../base/process.ts';
import type { ProviderContext } from '../contract/calls.ts';
import { hasCode } from './faults.ts';
import type { IsolationKind } from './isolation.ts';
import { bootId, type NodePaths, type ProcessIdentity, type ProcessRecord } from './state-directory.ts';

const END_TIMEOUT_MS = 15_000;
const PIDS_AT_ONCE = 64;

/** Text of a file of /proc; empty when the process is gone or somebody else's. The kernel answers at once. */
function readProcessFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}

/** Target of a link of /proc; empty when the process is gone or somebody else's. */
function readLink(pid: number, name: string): string {
  try {
    return readlinkSync(`/proc/${pid}/${name}`);
  } catch {
    return '';
  }
}

async function allPids(): Promise<number[]> {
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
}

/** The command line and the mounts of a node that is still being put together, or that nobody wrote down. */
function isOfNamespace(pid: number, node_id: string, paths: NodePaths, own_mounts: string): boolean {
  const words = readProcessFile(pid, 'cmdline').split('\0');
  const starter = /(^|\/)(bwrap|unshare|sh|setpriv|newuidmap|newgidmap)$/.test(words[0] ?? '');
  if (starter && words.includes(paths.workspace)) return true;
  const mounts = readLink(pid, 'ns/mnt');
  if (mounts === '' || mounts === own_mounts) return false;
  const points = ['/workspace', '/newroot/workspace', `${paths.mount_point}/workspace`];
  return readProcessFile(pid, 'mountinfo')
    .split('\n')
    .some((line) => {
      const [, , , root = '', point = ''] = line.split(' ');
      return root.endsWith(`/${node_id}/workspace`) && points.includes(point);
    });
}

function isOfProcessGroup(pid: number, node_id: string, paths: NodePaths): boolean {
  if (readProcessFile(pid, 'environ').split('\0').includes(`GROUNDCREW_NODE=${node_id}`)) return true;
  const directory = readLink(pid, 'cwd');
  return directory === paths.workspace || directory.startsWith(`${paths.root}/`);
}

/** Processes that descend from these, themselves included. */
function withDescendants(pids: readonly number[], all: readonly number[]): Set<number> {
  const children = new Map<number, number[]>();
  for (const pid of all) {
    const stat = readProcessFile(pid, 'stat');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found = new Set<number>();
  const queue = [...pids];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    if (found.has(pid)) continue;
    found.add(pid);
    queue.push(...(children.get(pid) ?? []));
  }
  return found;
}

/** Looks through all processes of the machine for those of this node. */
async function search(
  kind: IsolationKind,
  node_id: string,
  paths: NodePaths,
  known: readonly ProcessIdentity[],
  clock: Clock,
): Promise<ProcessIdentity[]> {
  const all = (await allPids()).filter((pid) => pid !== process.pid);
  const own_mounts = await readlink('/proc/self/ns/mnt');
  const roots = known.map(({ pid }) => pid);
  for (const [index, pid] of all.entries()) {
    // Other work gets its turn in between.
    if (index % PIDS_AT_ONCE === PIDS_AT_ONCE - 1) await clock.sleep(0);
    const ours =
      kind === 'none' ? isOfProcessGroup(pid, node_id, paths) : isOfNamespace(pid, node_id, paths, own_mounts);
    if (ours) roots.push(pid);
  }
  const found = kind === 'none' ? withDescendants(roots, all) : new Set(roots);
  return [...found].flatMap((pid) => {
    const start_ticks = processStart_ticks(pid);
    return start_ticks === null ? [] : [{ pid, start_ticks }];
  });
}

function isAlive({ pid, start_ticks }: ProcessIdentity): boolean {
  return processStart_ticks(pid) === start_ticks;
}

function kill(identity: ProcessIdentity): void {
  if (!isAlive(identity)) return;
  try {
    process.kill(identity.pid, 'SIGKILL');
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}

/** SIGKILL, then waits until all are gone. Throws ProviderFault `transient` when one is not within 15 s. */
export async function killAndWait(targets: readonly ProcessIdentity[], context: ProviderContext): Promise<void> {
  for (const target of targets) kill(target);
  const deadline_ms = context.clock.monotonic_ms() + END_TIMEOUT_MS;
  for (let pause_ms = 1; targets.some(isAlive); pause_ms = Math.min(20, pause_ms * 2)) {
    if (context.clock.monotonic_ms() > deadline_ms) {
      const pids = targets.filter(isAlive).map(({ pid }) => pid);
      throw new ProviderFault('transient', `Processes ${pids.join(', ')} did not end within 15 s of SIGKILL.`);
    }
    await context.clock.sleep(pause_ms);
  }
}

/**
 * Ends every process of a node and waits until they are gone. The death of a PID namespace's first process takes all
 * others with it, and it is not over before they are. Without namespaces, or when a crash came before the processes
 * were written down, all processes of the machine are looked through until none of this node is found.
 */
export async function endProcesses(
  kind: IsolationKind,
  node_id: string,
  paths: NodePaths,
  record: ProcessRecord | null,
  context: ProviderContext,
): Promise<void> {
  const same_boot = record !== null && record.boot_id === (await bootId());
  const known = same_boot ? [record.first, record.outer] : [];
  if (same_boot && kind !== 'none') {
    await killAndWait(known, context);
    return;
  }
  for (let round = 0; round < 20; round += 1) {
    const found = await search(kind, node_id, paths, known.filter(isAlive), context.clock);
    if (found.length === 0) return;
    await killAndWait(found, context);
  }
  throw new ProviderFault('transient', `Processes of ${node_id} keep appearing while they are being ended.`);
}
