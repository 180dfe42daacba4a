import { chmod, chown, lstat, mkdir, readdir, readlink, realpath, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ProviderFault } from '../../base/faults.ts';
import type { DriverEnvironment, NodeSpec } from '../contract.ts';
import { payloadCommand } from './command.ts';
import { homeDirectories, outermost } from './homes.ts';
import { describeIsolation, type Isolation, usersOf } from './isolation.ts';
import type { MachineFacts } from './machine.ts';
import { type Mount, mountSteps } from './mounts.ts';
import { INSIDE, INSIDE_PATH, INSIDE_SOCKET_URL } from './places.ts';
import type { NodePaths } from './state-directory.ts';
import { accountFiles } from './users.ts';
import { nodeView, type RootEntry, type ViewStep } from './view.ts';

const HARMLESS = new Map([
  ['/etc/hosts', '127.0.0.1 localhost\n::1 localhost\n'],
  ['/etc/resolv.conf', '# A node has no network beyond itself.\n'],
]);

/** What the agent is told of its node's limits: null where there is none, and the cgroups that keep them. */
export interface NodeBounds {
  cores: number | null;
  memory_bytes: number | null;
  cgroups: readonly string[];
}

/** Makes the node's directories and files; each with the owner that it has inside. */
export async function makeFiles(
  spec: NodeSpec,
  isolation: Isolation,
  machine: MachineFacts,
  environment: DriverEnvironment,
  paths: NodePaths,
  bounds: NodeBounds | null = null,
): Promise<void> {
  const switched = isolation.users === 'switched' ? usersOf(isolation, spec.node_id) : null;
  const closed = [paths.workspace, paths.private, ...(isolation.kind === 'none' ? [paths.temporary] : [])];
  await Promise.all([
    ...closed.map((directory) => mkdir(directory, { mode: 0o700 })),
    ...[paths.view, paths.mount_point].map((directory) => mkdir(directory, { mode: 0o755 })),
  ]);
  const stand_ins = isolation.kind === 'none' ? [] : [...standInTexts(spec.node_id, isolation, machine)];
  const agent_file = `${JSON.stringify({ ...agentFile(spec, isolation, machine, environment, paths), ...(bounds && { bounds }) })}\n`;
  // Half-written files do no harm: a launch that finds a half-made node begins anew.
  await Promise.all([
    ...stand_ins.map(([target, text]) => writeReadable(standInPath(paths, target), text)),
    writeFile(paths.agent_file, agent_file, { mode: 0o600 }),
  ]);
  if (switched === null) return;
  await Promise.all([
    chown(paths.agent_file, switched.agent, switched.agent),
    chown(paths.private, switched.agent, switched.agent),
    chown(paths.workspace, switched.payload, switched.payload),
  ]);
  // The agent is in the payload's group, and what it puts here belongs to that group.
  await chmod(paths.workspace, 0o2770);
}

/** Whatever the server's umask is: the node's users read it. */
async function writeReadable(path: string, text: string): Promise<void> {
  await writeFile(path, text);
  await chmod(path, 0o644);
}

/** File on the host that stands in for `target`. */
function standInPath(paths: NodePaths, target: string): string {
  return join(paths.view, target.replaceAll('/', '_'));
}

function standInTexts(node_id: string, isolation: Isolation, machine: MachineFacts): Map<string, string> {
  const accounts = accountFiles(usersOf(isolation, node_id), machine);
  return new Map([...accounts, ...HARMLESS, ['/etc/hostname', `${node_id}\n`]]);
}

/** The JSON that the agent reads and deletes. */
function agentFile(
  spec: NodeSpec,
  isolation: Isolation,
  machine: MachineFacts,
  environment: DriverEnvironment,
  paths: NodePaths,
): Record<string, unknown> {
  const users = usersOf(isolation, spec.node_id);
  const inside = isolation.kind !== 'none';
  const { server_url, registration_token } = spec.agent;
  const url =
    !inside && server_url.startsWith(INSIDE_SOCKET_URL)
      ? `unix:${join(environment.agent_socket_directory, server_url.slice(INSIDE_SOCKET_URL.length))}`
      : server_url;
  return {
    server_url: url,
    token: registration_token,
    workspace: inside ? INSIDE.workspace : paths.workspace,
    payload_user: users === null ? null : { uid: users.payload, gid: users.payload },
    payload_command: payloadCommand(isolation, machine, spec.node_id),
    state_file: inside ? INSIDE.state_file : join(paths.private, 'state.json'),
    isolation: describeIsolation(isolation),
  };
}

/** The environment that a node starts with: nothing of the server's own. */
export function nodeEnvironment(node_id: string, isolation: Isolation, paths: NodePaths): Record<string, string> {
  const inside = isolation.kind !== 'none';
  return {
    PATH: inside ? INSIDE_PATH : (process.env.PATH ?? INSIDE_PATH),
    HOME: inside ? INSIDE.home : paths.home,
    ...(inside ? { USER: 'payload', LOGNAME: 'payload' } : { TMPDIR: paths.temporary }),
    SHELL: '/bin/sh',
    LANG: 'C.UTF-8',
    GROUNDCREW_NODE: node_id,
    GROUNDCREW_AGENT_FILE: inside ? INSIDE.agent_file : paths.agent_file,
  };
}

async function rootEntries(): Promise<RootEntry[]> {
  const entries = await readdir('/', { withFileTypes: true });
  const found: RootEntry[] = [];
  for (const entry of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
    if (entry.isSymbolicLink()) found.push({ name: entry.name, symlink_to: await readlink(join('/', entry.name)) });
    else if (entry.isDirectory()) found.push({ name: entry.name, symlink_to: null });
  }
  return found;
}

/** Where a stand-in must be mounted: behind a link (`/etc/resolv.conf` is often one into /run). Null: not there. */
async function standInTarget(path: string): Promise<string | null> {
  const status = await lstat(path).catch(() => null);
  if (status === null) return null;
  if (!status.isSymbolicLink()) return path;
  const target = await realpath(path).catch(async () => resolve(dirname(path), await readlink(path)));
  if (target.startsWith('/run/')) return target;
  return (await lstat(target).catch(() => null)) === null ? null : target;
}

/** What this node will see of the machine. Throws ProviderFault `config` for mounts that cannot be. */
export async function makeView(
  node_id: string,
  node: { node_type: string; mounts: readonly Mount[]; memory_bytes: number | null },
  isolation: Isolation,
  machine: MachineFacts,
  environment: DriverEnvironment,
  paths: NodePaths,
): Promise<ViewStep[]> {
  const data_directory = await realpath(environment.data_directory);
  const root_entries = await rootEntries();
  const shown = root_entries.filter(({ symlink_to }) => symlink_to === null).map(({ name }) => name);
  const places = { data_directory, shown_tops: new Set(shown) };
  const extra = await mountSteps(node.node_type, node.mounts, isolation, places);
  if (isolation.kind === 'none') return [];
  const stand_ins = new Map<string, string>();
  for (const name of standInTexts(node_id, isolation, machine).keys()) {
    const target = await standInTarget(name);
    if (target !== null) stand_ins.set(target, standInPath(paths, name));
  }
  const view = nodeView({
    root_entries,
    hidden: outermost([data_directory, ...(await homeDirectories())]),
    stand_ins,
    workspace: paths.workspace,
    private: paths.private,
    socket_directory: await realpath(environment.agent_socket_directory),
    agent_bundle: await realpath(environment.agent_bundle),
    node_executable: await realpath(environment.node_executable),
    memory_bytes: isolation.kind === 'bubblewrap' && !machine.bounds_tmpfs ? null : node.memory_bytes,
  });
  return [...view, ...extra];
}

/**
 * Throws ProviderFault `config` when something that every node needs is not there, or when the node's own users could
 * not read it (null: not yet known who they are).
 */
export async function requireFiles(environment: DriverEnvironment, isolation: Isolation | null): Promise<void> {
  const { agent_bundle, node_executable, agent_socket_directory } = environment;
  const others = isolation !== null && isolation.users !== 'same';
  await requireFile(agent_bundle, others ? 0o004 : 0, "the agent's program", 'Build it with: npm run build');
  await requireFile(node_executable, others ? 0o005 : 0, 'the Node that runs the agent', 'Install it with: npm ci');
  // The server may not listen yet; nodes that start now find its socket here later.
  const made = await mkdir(agent_socket_directory, { recursive: true });
  if (made !== undefined) await chmod(agent_socket_directory, 0o755);
}

async function requireFile(path: string, mode: number, what: string, next: string): Promise<void> {
  const attempt = `Cannot start local nodes: ${what}`;
  const status = await stat(path).catch((error: unknown) => {
    throw new ProviderFault('config', `${attempt} is not at ${path}. ${next}`, error);
  });
  if ((status.mode & mode) === mode) return;
  const permission = mode === 0o004 ? 'o+r' : 'o+rx';
  throw new ProviderFault('config', `${attempt}, ${path}, is closed to other users. Run: chmod ${permission} ${path}`);
}
