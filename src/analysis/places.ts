import type { ProjectId } from '../base/ids.ts';
import { fingerprintOf, packHalf } from '../packed/fingerprint.ts';
import { askedKey, rangeKey } from '../packed/key.ts';
import type { Db } from '../store/schema/database.ts';
import { fingerprintsOf } from './store/chunks.ts';
import { possiblePlaces } from './store/history.ts';

/** A chunk that holds a test. */
export interface TestPlace {
  chunk_id: number;
  /** Of its first occurrence. */
  index: number;
}

/** Where a test stands in the lists that its project ever had. */
export async function placesOfTest(
  db: Db,
  project_id: ProjectId,
  { suite, name }: { suite: string; name: string },
): Promise<TestPlace[]> {
  const key = askedKey(suite, name);
  const { low, high } = fingerprintOf(key, 0);
  const found = await possiblePlaces(db, project_id, rangeKey(key), packHalf(low));
  const sure = found.filter((place) => place.byte % 4 === 1 && place.high.equals(packHalf(high)));
  const places = sure.map(({ chunk_id, byte }) => ({ chunk_id, index: (byte - 1) / 4 }));
  // The bytes of the low half stood somewhere else first, which is rare: then all of the chunk's are looked through.
  const unsure = found.filter((place) => !sure.includes(place));
  const fingerprints = await fingerprintsOf(
    db,
    unsure.map((place) => place.chunk_id),
    'both',
  );
  for (const { chunk_id, tests } of unsure) {
    const halves = fingerprints.get(chunk_id) ?? new Uint32Array();
    for (let index = 0; index < tests; index++) {
      if (halves[index] === low && halves[tests + index] === high) places.push({ chunk_id, index });
    }
  }
  return places;
}
