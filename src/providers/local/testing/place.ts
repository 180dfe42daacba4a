import { execFile } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NeedName } from '../../../../tools/needs/registry.ts';
import type { NodeId } from '../../../base/ids.ts';
import type { DriverEnvironment } from '../../contract.ts';
import { testContext } from '../../testing/contract-calls.ts';
import { removeNode } from '../destroy.ts';
import type { IsolationKind } from '../isolation.ts';
import { listDirectories, nodePaths, readRecord } from '../state-directory.ts';
import { showsSomethingOf } from './shown.ts';
import type { Task } from './try-driver.ts';

/** Who uses the driver: we ourselves, the user nobody, or nobody with subordinate ids. */
export type Who = 'root' | 'nobody' | 'nobody with subordinate ids';

export const NOBODY = 65534;
const HERE = import.meta.dirname;

/** A data directory, a server's socket and the stand-in agent, for one test. */
export interface Place {
  environment: DriverEnvironment;
  /** A port of the host that a node must not reach. */
  host_port: number;
  close(): Promise<void>;
}

function listen(server: Server, where: string | number): Promise<void> {
  return new Promise((resolve) => {
    if (typeof where === 'string') server.listen(where, resolve);
    else server.listen(where, '127.0.0.1', resolve);
  });
}

/** To a node that may be killed at any moment. */
function say(socket: Socket, text: string): void {
  socket.on('error', () => undefined);
  socket.end(text);
}

export async function makePlace(options: { owner?: number; parent?: string; hidden?: string[] } = {}): Promise<Place> {
  const root = mkdtempSync(join(options.parent ?? tmpdir(), 'groundcrew local '));
  const data_directory = join(root, 'data');
  const program = join(root, 'program');
  const agent_socket_directory = join(data_directory, 'agent');
  for (const directory of [data_directory, program, agent_socket_directory]) mkdirSync(directory);
  chmodSync(root, 0o755);
  copyFileSync(join(HERE, 'report-agent.mjs'), join(program, 'agent.mjs'));
  const to_server = createServer((socket) => say(socket, 'the server'));
  await listen(to_server, join(agent_socket_directory, 'socket'));
  chmodSync(join(agent_socket_directory, 'socket'), 0o666);
  const to_host = createServer((socket) => say(socket, 'the host'));
  await listen(to_host, 0);
  const host_port = (to_host.address() as { port: number }).port;
  const hidden = [data_directory, ...(options.hidden ?? [])];
  const bundle = readFileSync(join(program, 'agent.mjs'), 'utf8');
  writeFileSync(join(program, 'agent.mjs'), bundle.replace(QUESTIONS, JSON.stringify({ hidden, host_port })));
  if (options.owner !== undefined) {
    for (const path of [data_directory, agent_socket_directory]) chownSync(path, options.owner, options.owner);
  }
  return {
    environment: {
      data_directory,
      deployment_id: 'deployment-contract',
      agent_socket_directory,
      agent_bundle: join(program, 'agent.mjs'),
      node_executable: process.execPath,
    },
    host_port,
    async close() {
      to_server.close();
      to_host.close();
      await endNodes(data_directory);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

const QUESTIONS = "JSON.parse(readFileSync(join(process.argv[1], '..', 'questions.json'), 'utf8'))";

/** A test that failed in the middle leaves its nodes running; they end here. */
async function endNodes(data_directory: string): Promise<void> {
  for (const { name } of await listDirectories(data_directory)) {
    const paths = nodePaths(join(data_directory, 'nodes', name));
    await removeNode(paths, name, await readRecord(paths), testContext());
  }
}

/**
 * Runs try-driver.ts in a process of its own; gives what it printed and how it ended. With `host` (a script) the machine
 * has other mounts for it alone.
 */
export async function tryDriver(
  who: Who,
  task: Task,
  host?: string,
): Promise<{ printed: string; signal: string | null }> {
  const program = [process.execPath, join(HERE, 'try-driver.ts'), JSON.stringify(task)];
  const nobody = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--'];
  const subordinate =
    'printf "nobody:200000:65536\\n" >"$1" && mount --bind "$1" /etc/subuid && mount --bind "$1" /etc/subgid && shift && exec "$@"';
  const prefix = {
    root: [],
    nobody,
    'nobody with subordinate ids': [
      'unshare',
      '--mount',
      '--propagation',
      'private',
      'sh',
      '-c',
      subordinate,
      'sh',
      join(task.environment.data_directory, '..', 'subordinate'),
      ...nobody,
    ],
  }[who];
  const own_mounts = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', `${host}\nexec "$@"`, 'sh'];
  const [command = '', ...rest] = [...(host === undefined ? [] : own_mounts), ...prefix, ...program];
  return await new Promise((resolve, reject) => {
    execFile(command, rest, { timeout: 60_000 }, (error, printed, problems) => {
      const signal = error?.signal ?? null;
      if (error !== null && signal === null) reject(new Error(`${error.message}\n${problems}`));
      else resolve({ printed, signal });
    });
  });
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function cgroupsNamed(name: string): string[] {
  const found: string[] = [];
  const walk = (directory: string, depth: number): void => {
    for (const child of directoriesIn(directory)) {
      const path = join(directory, child);
      if (child === name) found.push(path);
      else if (depth > 0) walk(path, depth - 1);
    }
  };
  walk('/sys/fs/cgroup', 3);
  return found;
}

/** None of one that is gone: tests beside this one make and remove cgroups, too. */
function directoriesIn(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}

/** What is left of a node: processes (by command line, environment or mounts), mounts of ours, cgroups and files. */
export function remainsOf(place: Place, node_id: NodeId): string[] {
  const own_mounts = readlinkSync('/proc/self/ns/mnt');
  const left = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      const words = `${readOr(`/proc/${name}/cmdline`)}\0${readOr(`/proc/${name}/environ`)}`;
      let mounts = own_mounts;
      try {
        mounts = readlinkSync(`/proc/${name}/ns/mnt`);
      } catch {}
      return (
        words.includes(node_id) ||
        (mounts !== own_mounts && showsSomethingOf(node_id, readOr(`/proc/${name}/mountinfo`)))
      );
    })
    .map((name) => `process ${name} ${readOr(`/proc/${name}/cmdline`).replaceAll('\0', ' ').slice(0, 200)}`);
  if (readOr('/proc/self/mountinfo').includes(node_id)) left.push('a mount');
  left.push(...cgroupsNamed(`groundcrew-${node_id}`).map((path) => `cgroup ${path}`));
  const directory = join(place.environment.data_directory, 'nodes', node_id);
  if (existsSync(directory)) left.push(`directory ${directory}`);
  return left;
}

/** What tests of a driver that is used by them ask for. */
export const NEEDS_OF_USER = {
  root: ['root'],
  nobody: ['nobody'],
  'nobody with subordinate ids': ['nobody', 'mounts', 'newuidmap'],
} as const satisfies Record<Who, readonly NeedName[]>;

/** What tests of nodes with that isolation ask for. */
export const NEEDS_OF_ISOLATION = {
  bubblewrap: ['bubblewrap', 'namespaces'],
  unshare: ['namespaces'],
  none: [],
} as const satisfies Record<IsolationKind, readonly NeedName[]>;

export const ISOLATIONS = ['bubblewrap', 'unshare', 'none'] as const;
/** Those that keep something apart. */
export const REAL_ISOLATIONS = ['bubblewrap', 'unshare'] as const;
