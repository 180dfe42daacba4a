import type { RunId } from '../base/ids.ts';
import type { Db } from '../store/schema/database.ts';
import { wordOf } from './align.ts';
import type { ComparedPair } from './environment.ts';
import { chunkAt } from './names.ts';
import { fingerprintsOf } from './store/chunks.ts';
import type { ListedChunk } from './walk.ts';

type Lists = ReadonlyMap<RunId, readonly ListedChunk[]>;

/**
 * Gives every difference the word by which it is found again in another job or environment. When only one pair of runs
 * differs at all there is nothing to find, and numbers do.
 */
export async function assignWords(db: Db, lists: Lists, compared: readonly ComparedPair[]): Promise<void> {
  const different = compared.filter((pair) => pair.changed.length + pair.only_from.length + pair.only_to.length > 0);
  if (different.length < 2) {
    let number = 0;
    for (const { changed, only_from, only_to } of different) {
      for (const item of [changed, only_from, only_to].flat()) item.word = number++;
    }
    return;
  }
  const places = different.flatMap((pair) => placesOf(pair, lists));
  const chunks = new Map(places.map(({ chunk }) => [chunk.chunk_id, chunk]));
  const fingerprints = await fingerprintsOf(db, [...chunks.keys()], 'both');
  for (const { item, chunk, index } of places) {
    const halves = fingerprints.get(chunk.chunk_id);
    if (halves === undefined) throw new Error(`the fingerprints of chunk ${chunk.chunk_id} are missing`);
    item.word = wordOf({ low: halves, high: halves.subarray(chunk.tests) }, index);
  }
}

interface ChunkPlace {
  item: { word: number };
  chunk: ListedChunk;
  index: number;
}

function placesOf({ pair, changed, only_from, only_to }: ComparedPair, lists: Lists): ChunkPlace[] {
  const listOf = (run_id: RunId | null): readonly ListedChunk[] => (run_id === null ? [] : (lists.get(run_id) ?? []));
  const place = (list: readonly ListedChunk[], position: number, item: { word: number }): ChunkPlace => {
    const chunk = chunkAt(list, position);
    return { item, chunk, index: position - chunk.start };
  };
  const [from, to] = [listOf(pair.from), listOf(pair.to)];
  return [
    ...changed.map((item) => place(to, item.to_position, item)),
    ...only_from.map((item) => place(from, item.position, item)),
    ...only_to.map((item) => place(to, item.position, item)),
  ];
}
