import { stat } from 'node:fs/promises';
import type { ProviderContext } from '../contract/calls.ts';
import { removeCgroups } from './cgroups.ts';
import { endProcesses } from './end.ts';
import { hasCode } from './faults.ts';
import { machineFacts } from './machine.ts';
import { removeDirectory } from './remove.ts';
import { type NodePaths, type NodeRecord, readProcesses } from './state-directory.ts';

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    (error: unknown) => {
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
      throw error;
    },
  );
}

/**
 * Ends and removes everything of a node that is ours: processes, mounts, cgroups, files. Missing = done. A crash at
 * any line leaves something that is listed and that the next call removes.
 */
export async function removeNode(
  paths: NodePaths,
  node_id: string,
  record: NodeRecord | null,
  context: ProviderContext,
): Promise<void> {
  if (!(await exists(paths.root))) return;
  const machine = await machineFacts();
  const kind = record?.isolation.kind ?? 'bubblewrap';
  await endProcesses(kind, node_id, paths, await readProcesses(paths), context);
  await removeCgroups(record?.cgroups ?? [], context.clock);
  await removeDirectory(paths, record, machine);
}
