import type { RunId } from '../base/ids.ts';
import { type ListedTest, testAt, unpackKeys } from '../packed/names.ts';
import type { Db } from '../store/schema/database.ts';
import { namesOf } from './store/chunks.ts';
import type { ListedChunk } from './walk.ts';

/** A test's place in the list of a run. */
export interface Place {
  run_id: RunId;
  position: number;
}

/** The names at some places, in the same order. Reads only the chunks that they are in. */
export async function namesAt(
  db: Db,
  lists: ReadonlyMap<RunId, readonly ListedChunk[]>,
  places: readonly Place[],
): Promise<ListedTest[]> {
  const chunks = places.map(({ run_id, position }) => chunkAt(lists.get(run_id) ?? [], position));
  const packed = await namesOf(db, [...new Set(chunks.map((chunk) => chunk.chunk_id))]);
  const keys = new Map([...packed].map(([chunk_id, names]) => [chunk_id, unpackKeys(names)]));
  return places.map(({ position }, index) => {
    const { chunk_id, start } = chunks[index] as ListedChunk;
    const test = testAt(keys.get(chunk_id) ?? [], position - start);
    if (test === null) throw new Error(`chunk ${chunk_id} has no test ${position - start}`);
    return test;
  });
}

/** The chunk of a list that holds a position. */
export function chunkAt(list: readonly ListedChunk[], position: number): ListedChunk {
  let low = 0;
  let high = list.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((list[middle] as ListedChunk).start <= position) low = middle;
    else high = middle - 1;
  }
  const chunk = list[low];
  if (chunk === undefined) throw new Error(`there is no test at position ${position}`);
  return chunk;
}
