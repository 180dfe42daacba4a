import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, normalize } from 'node:path';
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
    for (const parent of parentsOf(target, places.shown_tops)) {
      steps.push({ kind: 'directory', target: parent, mode: '0755' });
    }
    steps.push({ kind: 'read_only', target, source: real });
  }
  return steps;
}
