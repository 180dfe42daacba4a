import type { Problems } from '../schema/yaml/problems.ts';
import type { Tree } from '../schema/yaml/tree.ts';
import { fileSection } from './schema.ts';

/** What Groundcrew reads as YAML. */
export type FileKind = 'configuration' | 'job file';

/** The job file's keys, which the floor above owns; its tests hold them against its schema. */
export const JOB_FILE_KEYS: readonly string[] = [
  ...['project', 'build', 'checkout', 'name', 'nodes', 'matrix', 'environment', 'env', 'steps', 'results'],
  ...['artifacts', 'timeout', 'retries', 'on_failure', 'jobs'],
];

const KEYS: Readonly<Record<FileKind, readonly string[]>> = {
  configuration: Object.keys(fileSection.properties),
  'job file': JOB_FILE_KEYS,
};

/**
 * Says so when a file is of the other kind: it has keys of that and none of its own. Every key would be unknown here,
 * which tells nobody what the mistake was.
 */
export function complainOfOther(tree: Tree, wanted: FileKind, problems: Problems): boolean {
  if (tree.kind !== 'map') return false;
  const other: FileKind = wanted === 'job file' ? 'configuration' : 'job file';
  const keys = tree.entries.map((entry) => entry.key);
  const found = keys.filter((key) => KEYS[other].includes(key));
  if (found.length === 0 || keys.some((key) => KEYS[wanted].includes(key))) return false;
  const { file } = tree.place.source;
  const what = `this looks like a ${other} (${found.join(', ')}), not like a ${wanted}`;
  const how =
    other === 'job file'
      ? `Submit it: groundcrew job submit ${file}`
      : `Check it: groundcrew config check ${file}; start a server with it: groundcrew server --config ${file}`;
  problems.add(tree.place, '', `${what}. ${how}`);
  return true;
}
