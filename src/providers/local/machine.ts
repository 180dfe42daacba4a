import { execFile } from 'node:child_process';
import { access, constants, readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type CgroupPlaces, findCgroups } from './cgroups.ts';

const run = promisify(execFile);

const TOOL_TIMEOUT_MS = 10_000;
// Only where a node sees them too; a program in somebody's home would be missing inside.
const TOOL_DIRECTORIES = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Programs of the machine; null: not installed. */
export interface Tools {
  bubblewrap: string | null;
  unshare: string | null;
  setpriv: string | null;
  prlimit: string | null;
  newuidmap: string | null;
}

/** What this machine offers. Facts that only a real start can tell are not here but in probe.ts. */
export interface MachineFacts {
  tools: Tools;
  uid: number;
  gid: number;
  /** First two subordinate ids of our user, where newuidmap may hand them out. */
  subordinate: { first_uid: number; first_gid: number } | null;
  /** Does this `unshare` write an id map as `outer,inner,count` (2.38) or `inner:outer:count` (later)? */
  map_order: 'outer_first' | 'inner_first';
  /** Can this bubblewrap bound what is kept in memory (0.7)? */
  bounds_tmpfs: boolean;
  cgroups: CgroupPlaces;
}

async function findTool(name: string): Promise<string | null> {
  for (const directory of TOOL_DIRECTORIES) {
    const path = join(directory, name);
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return null;
}

async function firstSubordinateId(file: string, names: readonly string[]): Promise<number | null> {
  const text = await readFile(file, 'utf8').catch(() => '');
  for (const line of text.split('\n')) {
    const [owner = '', first = '', count = ''] = line.split(':');
    if (names.includes(owner) && Number(count) >= 2) return Number(first);
  }
  return null;
}

async function findSubordinate(newuidmap: string | null): Promise<MachineFacts['subordinate']> {
  if (newuidmap === null) return null;
  const { username, uid } = userInfo();
  const names = [username, String(uid)];
  const first_uid = await firstSubordinateId('/etc/subuid', names);
  const first_gid = await firstSubordinateId('/etc/subgid', names);
  return first_uid === null || first_gid === null ? null : { first_uid, first_gid };
}

async function mapOrder(unshare: string | null): Promise<MachineFacts['map_order']> {
  if (unshare === null) return 'inner_first';
  const help = await run(unshare, ['--help'], { timeout: TOOL_TIMEOUT_MS }).then(
    ({ stdout }) => stdout,
    () => '',
  );
  return help.includes('<outeruid>,<inneruid>') ? 'outer_first' : 'inner_first';
}

async function boundsTmpfs(bubblewrap: string | null): Promise<boolean> {
  if (bubblewrap === null) return false;
  const help = await run(bubblewrap, ['--help'], { timeout: TOOL_TIMEOUT_MS }).catch(() => null);
  return /^ *--size /m.test(`${help?.stdout}\n${help?.stderr}`);
}

async function findFacts(): Promise<MachineFacts> {
  const [bubblewrap, unshare, setpriv, prlimit, newuidmap] = await Promise.all(
    ['bwrap', 'unshare', 'setpriv', 'prlimit', 'newuidmap'].map(findTool),
  );
  const tools = {
    bubblewrap: bubblewrap ?? null,
    unshare: unshare ?? null,
    setpriv: setpriv ?? null,
    prlimit: prlimit ?? null,
    newuidmap: newuidmap ?? null,
  };
  const uid = process.getuid?.() ?? 0;
  return {
    tools,
    uid,
    gid: process.getgid?.() ?? 0,
    subordinate: uid === 0 ? null : await findSubordinate(tools.newuidmap),
    bounds_tmpfs: await boundsTmpfs(tools.bubblewrap),
    map_order: await mapOrder(tools.unshare),
    cgroups: await findCgroups(`groundcrew-trial-${process.pid}`),
  };
}

let facts: Promise<MachineFacts> | undefined;

/** Found out once a process. */
export function machineFacts(): Promise<MachineFacts> {
  facts ??= findFacts().catch((error: unknown) => {
    facts = undefined;
    throw error;
  });
  return facts;
}

/** Arguments that run a program as root of a user namespace with the subordinate ids as users 1 and 2. */
export function mappedArguments(machine: MachineFacts): string[] {
  const { tools, subordinate, map_order } = machine;
  if (tools.unshare === null || subordinate === null) throw new Error('there are no subordinate ids');
  const map = (first: number): string => (map_order === 'outer_first' ? `${first},1,2` : `1:${first}:2`);
  return [
    tools.unshare,
    '--user',
    '--map-user=0',
    '--map-group=0',
    `--map-users=${map(subordinate.first_uid)}`,
    `--map-groups=${map(subordinate.first_gid)}`,
    '--',
  ];
}
