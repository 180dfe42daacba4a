import { INSIDE } from './places.ts';

/** One step in putting a node's root directory together, in order. Targets are paths inside the node. */
export type ViewStep =
  /** A directory of the host with all that is mounted in it, read-only. */
  | { kind: 'tree'; target: string; source: string }
  /** All trees are there: make them read-only. */
  | { kind: 'seal' }
  | { kind: 'symlink'; target: string; to: string }
  | { kind: 'directory'; target: string; mode: string }
  | { kind: 'tmpfs'; target: string; mode: string }
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
}

/** Top-level directories that a node has of its own, or not at all. */
const OWN = new Set(['proc', 'dev', 'tmp', 'run', 'home', 'root', 'workspace', 'lost+found']);

/** Is the path seen through one of the host's trees, so that it must be covered? */
function isShown(path: string, sources: ViewSources): boolean {
  const top = path.split('/')[1] ?? '';
  return !OWN.has(top) && sources.root_entries.some((entry) => entry.name === top && entry.symlink_to === null);
}

/** What a node sees: the host read-only, with everything private replaced by something empty of its own. */
export function nodeView(sources: ViewSources): ViewStep[] {
  const steps: ViewStep[] = [];
  for (const { name, symlink_to } of sources.root_entries) {
    if (OWN.has(name)) continue;
    if (symlink_to === null) steps.push({ kind: 'tree', target: `/${name}`, source: `/${name}` });
    else steps.push({ kind: 'symlink', target: `/${name}`, to: symlink_to });
  }
  steps.push({ kind: 'seal' }, { kind: 'proc' }, { kind: 'dev' });
  steps.push({ kind: 'tmpfs', target: '/dev/shm', mode: '1777' });
  for (const target of ['/tmp', '/var/tmp']) steps.push({ kind: 'tmpfs', target, mode: '1777' });
  steps.push({ kind: 'tmpfs', target: '/run', mode: '0755' });
  steps.push({ kind: 'directory', target: '/run/lock', mode: '1777' });
  // Sticky, so that the payload's user can make its own home there, closed to others.
  steps.push({ kind: 'tmpfs', target: '/home', mode: '1777' });
  steps.push({ kind: 'tmpfs', target: '/root', mode: '0700' });
  for (const path of sources.hidden) {
    if (isShown(path, sources)) steps.push({ kind: 'tmpfs', target: path, mode: '0755' });
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
