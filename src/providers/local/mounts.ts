import { readlink, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize, resolve } from 'node:path';
import { ProviderFault } from '../../base/faults.ts';
import type { Isolation } from './isolation.ts';
import type { ViewStep } from './view.ts';

/** A directory or file of the host that a node type shows to its nodes, read-only. */
export interface Mount {
  source: string;
  target: string;
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory === '/' ? '/' : `${directory}/`);
}

function refuse(node_type: string, problem: string, cause?: unknown): never {
  throw new ProviderFault('config', `node type ${node_type}, mounts: ${problem}`, cause);
}

/** The node type's `mounts`, checked. Throws ProviderFault `config`. */
export function parseMounts(node_type: string, options: Readonly<Record<string, unknown>>): Mount[] {
  const mounts = (options.mounts ?? []) as Mount[];
  for (const { source, target } of mounts) {
    for (const path of [source, target]) {
      if (typeof path !== 'string' || !isAbsolute(path) || normalize(path) !== path || path === '/') {
        refuse(node_type, `${JSON.stringify(path)} is not a plain absolute path.`);
      }
    }
  }
  return mounts;
}

/** Top-level directories that a node has of its own and can make others in. */
const OWN_TOPS = ['/home', '/tmp', '/run', '/root', '/var/tmp'];

const LINKS_MOST = 40;

/** The path with its first link followed; null: there is none, as in what a node has of its own. */
async function withoutFirstLink(path: string): Promise<string | null> {
  if (OWN_TOPS.some((top) => isWithin(path, top))) return null;
  const names = path.split('/').slice(1);
  let directory = '/';
  for (const [index, name] of names.entries()) {
    const to = await readlink(join(directory, name)).catch(() => null);
    if (to !== null) return join(resolve(directory, to), ...names.slice(index + 1));
    directory = join(directory, name);
  }
  return null;
}

/**
 * Where a node has the target. It sees the links in the host's trees, and while its root directory is put together an
 * absolute one leads back into the host: there nothing may be made.
 */
async function targetInside(node_type: string, target: string): Promise<string> {
  let path = target;
  for (let links = 0; links < LINKS_MOST; links += 1) {
    const next = await withoutFirstLink(path);
    if (next === null) return path;
    if (next === '/') break;
    path = next;
  }
  return refuse(node_type, `nothing can be mounted at ${target}: follow its links.`);
}

/** Directories that must be made above the target; within the host's own trees they are there, or cannot be made. */
function parentsOf(target: string, shown_tops: ReadonlySet<string>): string[] {
  const own = OWN_TOPS.find((top) => isWithin(target, top));
  if (own === undefined && shown_tops.has(target.split('/')[1] ?? '')) return [];
  const parents: string[] = [];
  for (let path = dirname(target); path !== '/' && path !== own; path = dirname(path)) parents.unshift(path);
  return parents;
}

/**
 * Steps that show them. Throws ProviderFault `config` for a source that is not there, or through which the server's
 * data directory would be seen, and where nothing can be mounted at all.
 */
export async function mountSteps(
  node_type: string,
  mounts: readonly Mount[],
  isolation: Isolation,
  places: { data_directory: string; shown_tops: ReadonlySet<string> },
): Promise<ViewStep[]> {
  const steps: ViewStep[] = [];
  for (const { source, target } of mounts) {
    const real = await realpath(source).catch((error: unknown) => refuse(node_type, `there is no ${source}.`, error));
    if (isolation.kind === 'none') {
      if (source !== target) refuse(node_type, `${target} cannot be made with "isolation: none".`);
      continue;
    }
    if (isWithin(real, places.data_directory) || isWithin(places.data_directory, real)) {
      refuse(node_type, `${source} would show the server's data directory.`);
    }
    const inside = await targetInside(node_type, target);
    for (const parent of parentsOf(inside, places.shown_tops)) {
      steps.push({ kind: 'directory', target: parent, mode: '0755' });
    }
    steps.push({ kind: 'read_only', target: inside, source: real });
  }
  return steps;
}
