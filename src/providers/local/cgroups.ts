import { access, mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { hasCode } from './faults.ts';
import type { NodeLimits } from './options.ts';

type Controller = 'cpu' | 'memory' | 'pids';
const CONTROLLERS: readonly Controller[] = ['cpu', 'memory', 'pids'];

/** Which directory limits what: in version 2 it is one for all, in version 1 one for each. */
export interface CgroupPlaces {
  version: 1 | 2;
  parents: Partial<Record<Controller, string>>;
}

const PERIOD_US = 100_000;

async function mountsOf(): Promise<{ point: string; type: string; options: string[] }[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).trimEnd().split('\n');
  return lines.map((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [type = '', , options = ''] = after.split(' ');
    return { point: before.split(' ')[4] ?? '', type, options: options.split(',') };
  });
}

/** Path of our own cgroup for a controller (version 1) or in version 2's only tree (empty name). */
async function ownPath(name: string): Promise<string> {
  const lines = (await readFile('/proc/self/cgroup', 'utf8')).trimEnd().split('\n');
  for (const line of lines) {
    const [, names = '', ...path] = line.split(':');
    if (name === '' ? names === '' : names.split(',').includes(name)) return path.join(':');
  }
  return '/';
}

/** Makes a cgroup in `parent` as a trial, and removes it: says whether every file of `files` is there. */
async function canLimit(parent: string, files: readonly string[], trial: string): Promise<boolean> {
  const directory = join(parent, trial);
  try {
    await mkdir(directory);
  } catch {
    return false;
  }
  try {
    for (const file of files) await access(join(directory, file));
    return true;
  } catch {
    return false;
  } finally {
    await rmdir(directory).catch(() => {});
  }
}

const FILES: Record<1 | 2, Record<Controller, string>> = {
  1: { cpu: 'cpu.cfs_quota_us', memory: 'memory.limit_in_bytes', pids: 'pids.max' },
  2: { cpu: 'cpu.max', memory: 'memory.max', pids: 'pids.max' },
};

/** Where limits can be set on this machine, by really making a cgroup; empty `parents` where they cannot. */
export async function findCgroups(trial: string): Promise<CgroupPlaces> {
  const mounts = await mountsOf();
  const two = mounts.find((mount) => mount.type === 'cgroup2');
  if (two !== undefined) {
    for (const parent of new Set([join(two.point, await ownPath('')), two.point])) {
      // Needed once; refused where processes live in the parent itself, and then the trial says so.
      const all = CONTROLLERS.map((name) => `+${name}`).join(' ');
      await writeFile(join(parent, 'cgroup.subtree_control'), all).catch(() => {});
      if (await canLimit(parent, Object.values(FILES[2]), trial)) {
        return { version: 2, parents: { cpu: parent, memory: parent, pids: parent } };
      }
    }
  }
  const parents: CgroupPlaces['parents'] = {};
  for (const controller of CONTROLLERS) {
    const mount = mounts.find(({ type, options }) => type === 'cgroup' && options.includes(controller));
    if (mount === undefined) continue;
    for (const parent of new Set([join(mount.point, await ownPath(controller)), mount.point])) {
      if (await canLimit(parent, [FILES[1][controller]], trial)) {
        parents[controller] = parent;
        break;
      }
    }
  }
  return { version: 1, parents };
}

/** What must be written where, for these limits; `directories` goes on the node's record before any is made. */
export function planCgroups(
  places: CgroupPlaces,
  name: string,
  limits: NodeLimits,
): { directories: string[]; values: { file: string; value: string }[]; unlimited: NodeLimits } {
  const values: { file: string; value: string }[] = [];
  const wanted: Record<Controller, string | null> = {
    cpu: limits.cores === null ? null : String(Math.max(1000, Math.round(limits.cores * PERIOD_US))),
    memory: limits.memory_bytes === null ? null : String(limits.memory_bytes),
    pids: limits.pids === null ? null : String(limits.pids),
  };
  const directories = new Set<string>();
  for (const controller of CONTROLLERS) {
    const [parent, value] = [places.parents[controller], wanted[controller]];
    if (parent === undefined || value === null) continue;
    const directory = join(parent, name);
    directories.add(directory);
    const text = places.version === 2 && controller === 'cpu' ? `${value} ${PERIOD_US}` : value;
    values.push({ file: join(directory, FILES[places.version][controller]), value: text });
  }
  return {
    directories: [...directories],
    values,
    unlimited: {
      cores: places.parents.cpu === undefined ? limits.cores : null,
      memory_bytes: places.parents.memory === undefined ? limits.memory_bytes : null,
      pids: places.parents.pids === undefined ? limits.pids : null,
    },
  };
}

/** Makes the cgroups and writes the limits; may be repeated. */
export async function makeCgroups(plan: ReturnType<typeof planCgroups>): Promise<void> {
  for (const directory of plan.directories) await mkdir(directory, { recursive: true });
  for (const { file, value } of plan.values) await writeFile(file, value);
}

/** Removes them once their processes are gone; the kernel needs a moment for that. Missing = done. */
export async function removeCgroups(directories: readonly string[], clock: Clock): Promise<void> {
  for (const directory of directories) {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await rmdir(directory);
        break;
      } catch (error) {
        if (hasCode(error, 'ENOENT')) break;
        if (!hasCode(error, 'EBUSY') || attempt === 200) throw error;
        await clock.sleep(Math.min(50, 1 + attempt));
      }
    }
  }
}

/**
 * Node reserves 560 MiB of private memory that it never touches, and RLIMIT_DATA counts it; a limit below that ends
 * every Node program at its start.
 */
export const RESERVED_BYTES = 640 * 2 ** 20;

/**
 * Where there is no cgroup: arguments that lower the limits of each process. Memory is bounded loosely, by process
 * and with the reserve on top; cores cannot be limited this way.
 */
export function rlimitArguments(prlimit: string | null, limits: NodeLimits): string[] {
  const settings = [
    ...(limits.memory_bytes === null ? [] : [`--data=${limits.memory_bytes + RESERVED_BYTES}`]),
    ...(limits.pids === null ? [] : [`--nproc=${limits.pids}`]),
  ];
  return prlimit === null || settings.length === 0 ? [] : [prlimit, ...settings];
}
