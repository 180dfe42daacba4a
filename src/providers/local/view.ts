import { INSIDE } from './places.ts';

/** One step in putting a node's root directory together, in order. Targets are paths inside the node. */
export type ViewStep =
  /** A directory of the host with all that is mounted in it, read-only. */
  | { kind: 'tree'; target: string; source: string }
  /** All trees are there: make them read-only. */
  | { kind: 'seal' }
  | { kind: 'symlink'; target: string; to: string }
  | { kind: 'directory'; target: string; mode: string }
  | { kind: 'tmpfs'; target: string; mode: string; size_bytes: number | null }
  | { kind: 'read_only'; target: string; source: string }
  | { kind: 'writable'; target: string; source: string }
  | { kind: 'proc' }
  | { kind: 'dev' };

/** An entry of the host's root directory. */
export interface RootEntry {
  name: string;
  /** Null for a directory. */
  symlink_to: string | null;
}

export interface ViewSources {
  root_entries: readonly RootEntry[];
  /** Real paths that must not be seen: the server's data directory above all, and where people have their files. */
  hidden: readonly string[];
  /** Files that stand in for the host's: path inside → file on the host. */
  stand_ins: ReadonlyMap<string, string>;
  workspace: string;
  private: string;
  socket_directory: string;
  agent_bundle: string;
  node_executable: string;
  /** The node's limit, or null: what is in memory there counts against it. */
  memory_bytes: number | null;
}

/** Top-level directories that a node has of its own, or not at all. */
const OWN = new Set(['proc', 'dev', 'tmp', 'run', 'home', 'root', 'workspace', 'lost+found']);

/** Is the path seen through one of the host's trees, so that it must be covered? */
function isShown(path: string, sources: ViewSources): boolean {
  const top = path.split('/')[1] ?? '';
  return !OWN.has(top) && sources.root_entries.some((entry) => entry.name === top && entry.symlink_to === null);
}

/**
 * Of the node's memory, what files there may take. Together they leave the agent a quarter: nothing but their removal
 * frees them, so that else a payload that fills them would end its node, and every node after it.
 */
const SHARE: ReadonlyMap<string, number> = new Map([
  ['/tmp', 3 / 8],
  ['/home', 1 / 8],
  ['/dev/shm', 1 / 8],
  ['/var/tmp', 1 / 16],
  ['/run', 1 / 32],
]);
/** Of the others, which are to be empty. */
const EMPTY_BYTES = 2 ** 20;

function tmpfs(target: string, mode: string, { memory_bytes }: ViewSources): ViewStep {
  const share = SHARE.get(target);
  const size_bytes =
    memory_bytes === null ? null : share === undefined ? EMPTY_BYTES : Math.floor((memory_bytes * share) / 4096) * 4096;
  return { kind: 'tmpfs', target, mode, size_bytes };
}

/** What a node sees: the host read-only, with everything private replaced by something empty of its own. */
export function nodeView(sources: ViewSources): ViewStep[] {
  const steps: ViewStep[] = [];
  for (const { name, symlink_to } of sources.root_entries) {
    if (OWN.has(name)) continue;
    if (symlink_to === null) steps.push({ kind: 'tree', target: `/${name}`, source: `/${name}` });
    else steps.push({ kind: 'symlink', target: `/${name}`, to: symlink_to });
  }
  steps.push({ kind: 'seal' }, { kind: 'proc' });
  for (const target of ['/tmp', '/var/tmp']) steps.push(tmpfs(target, '1777', sources));
  steps.push(tmpfs('/run', '0755', sources));
  // Sticky, so that the payload's user can make its own home there, closed to others.
  steps.push(tmpfs('/home', '1777', sources));
  steps.push(tmpfs('/root', '0700', sources));
  // What lies within others comes last: those above can be mounted by one program.
  steps.push({ kind: 'dev' }, tmpfs('/dev/shm', '1777', sources));
  steps.push({ kind: 'directory', target: '/run/lock', mode: '1777' });
  for (const path of sources.hidden) {
    if (isShown(path, sources)) steps.push(tmpfs(path, '0755', sources));
  }
  for (const [target, source] of sources.stand_ins) steps.push({ kind: 'read_only', target, source });
  steps.push({ kind: 'directory', target: INSIDE.base, mode: '0755' });
  steps.push({ kind: 'directory', target: INSIDE.bin, mode: '0755' });
  steps.push({ kind: 'read_only', target: INSIDE.node, source: sources.node_executable });
  steps.push({ kind: 'read_only', target: INSIDE.agent_bundle, source: sources.agent_bundle });
  steps.push({ kind: 'writable', target: INSIDE.private, source: sources.private });
  steps.push({ kind: 'read_only', target: INSIDE.socket_directory, source: sources.socket_directory });
  steps.push({ kind: 'writable', target: INSIDE.workspace, source: sources.workspace });
  return steps;
}
