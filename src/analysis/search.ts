import type { ProjectId } from '../base/ids.ts';
import { splitKey } from '../packed/key.ts';
import { unpackKeys } from '../packed/names.ts';
import type { FoundTest } from '../protocol/results.ts';
import type { Db } from '../store/schema/database.ts';
import { namesOf } from './store/chunks.ts';
import { newestChunks } from './store/history.ts';

export interface SearchOptions {
  project_id: ProjectId;
  /** A part of suite or name, whatever case; several words must all be there. */
  text: string;
  limit: number;
}

/** Lists of this many newest runs are looked through. */
const RUNS_LOOKED_AT = 20;
const CHUNKS_AT_ONCE = 16;

/** Tests of the project's newest runs by a part of their names, each once. */
export async function findTests(db: Db, options: SearchOptions): Promise<FoundTest[]> {
  const words = options.text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const chunk_ids = await newestChunks(db, options.project_id, RUNS_LOOKED_AT);
  const found = new Set<string>();
  for (let start = 0; start < chunk_ids.length && found.size < options.limit; start += CHUNKS_AT_ONCE) {
    const packed = await namesOf(db, chunk_ids.slice(start, start + CHUNKS_AT_ONCE));
    for (const names of packed.values()) {
      for (const key of unpackKeys(names)) {
        const plain = key.toLowerCase();
        if (found.size < options.limit && words.every((word) => plain.includes(word))) found.add(key);
      }
    }
  }
  return [...found].sort().map(splitKey);
}
