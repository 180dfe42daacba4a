import { hasStatus, unpackStatuses } from '../formats/packed/statuses.ts';
import { type ChangeKind, STATUS_BYTE } from '../results/state.ts';
import { align, type FingerprintList, wordOf } from './align.ts';
import { classify } from './classify.ts';

/** A chunk of a run's list as comparisons see it. */
export interface ListedChunk {
  chunk_id: number;
  /** Position of its first test. */
  start: number;
  tests: number;
  /** Packed. */
  statuses: Buffer;
}

/** A test that only one of two lists has. */
export interface Single {
  /** 53 bits of its fingerprint. */
  word: number;
  position: number;
  status: number;
}

/** A test that both have and whose change is worth a line. */
export interface Changed {
  kind: ChangeKind;
  word: number;
  from_position: number;
  to_position: number;
  from_status: number;
  to_status: number;
}

export interface WalkResult {
  changed: Changed[];
  only_from: Single[];
  only_to: Single[];
}

/** Fingerprints of chunks that are not the same in both lists. */
export type LoadFingerprints = (chunk_ids: readonly number[]) => Promise<ReadonlyMap<number, Uint32Array>>;

/** Chunks that both lists have, in pairs, and those that only one has. */
interface Pairing {
  pairs: [ListedChunk, ListedChunk][];
  from: ListedChunk[];
  to: ListedChunk[];
}

/**
 * Compares two lists. Chunks that are the same in both cost a look at their packed statuses; of the others only the
 * fingerprints are read.
 */
export async function walk(
  from: readonly ListedChunk[],
  to: readonly ListedChunk[],
  load: LoadFingerprints,
): Promise<WalkResult> {
  const result: WalkResult = { changed: [], only_from: [], only_to: [] };
  const pairing = pairChunks(from, to);
  const changedPairs = pairing.pairs.filter(([left, right]) => isWorthALook(left, right));
  const fingerprints = await load([
    ...new Set([...changedPairs.flat(), ...pairing.from, ...pairing.to].map((chunk) => chunk.chunk_id)),
  ]);
  for (const [left, right] of changedPairs)
    compareLists(joined([left], fingerprints), joined([right], fingerprints), result);
  compareLists(joined(pairing.from, fingerprints), joined(pairing.to, fingerprints), result);
  return result;
}

function pairChunks(from: readonly ListedChunk[], to: readonly ListedChunk[]): Pairing {
  const waiting = new Map<number, ListedChunk[]>();
  for (const chunk of from) {
    const same = waiting.get(chunk.chunk_id);
    if (same === undefined) waiting.set(chunk.chunk_id, [chunk]);
    else same.push(chunk);
  }
  const pairing: Pairing = { pairs: [], from: [], to: [] };
  for (const chunk of to) {
    const partner = waiting.get(chunk.chunk_id)?.shift();
    if (partner === undefined) pairing.to.push(chunk);
    else pairing.pairs.push([partner, chunk]);
  }
  pairing.from = [...waiting.values()].flat().sort((left, right) => left.start - right.start);
  return pairing;
}

/** Tests that stay flaky are said again, all others that stay the same are not. */
function isWorthALook(left: ListedChunk, right: ListedChunk): boolean {
  return !left.statuses.equals(right.statuses) || hasStatus(right.statuses, STATUS_BYTE.flaky);
}

/** Some chunks as one list. */
interface JoinedList extends FingerprintList {
  statuses: Uint8Array;
  positions: Uint32Array;
}

function joined(chunks: readonly ListedChunk[], fingerprints: ReadonlyMap<number, Uint32Array>): JoinedList {
  const length = chunks.reduce((sum, chunk) => sum + chunk.tests, 0);
  const list: JoinedList = {
    length,
    halves: new Uint32Array(2 * length),
    statuses: new Uint8Array(length),
    positions: new Uint32Array(length),
  };
  let at = 0;
  for (const { chunk_id, start, tests, statuses } of chunks) {
    const halves = fingerprints.get(chunk_id);
    if (halves === undefined) throw new Error(`the fingerprints of chunk ${chunk_id} are missing`);
    list.halves.set(halves, 2 * at);
    list.statuses.set(unpackStatuses(statuses, tests), at);
    for (let index = 0; index < tests; index++) list.positions[at + index] = start + index;
    at += tests;
  }
  return list;
}

function compareLists(from: JoinedList, to: JoinedList, result: WalkResult): void {
  const single = (list: JoinedList, index: number): Single => ({
    word: wordOf(list, index),
    position: list.positions[index] as number,
    status: list.statuses[index] as number,
  });
  align(from, to, {
    both(left, right) {
      const from_status = from.statuses[left] as number;
      const to_status = to.statuses[right] as number;
      if (from_status === to_status && to_status !== STATUS_BYTE.flaky) return;
      const kind = classify(from_status, to_status);
      if (kind === null) return;
      const from_position = from.positions[left] as number;
      const to_position = to.positions[right] as number;
      result.changed.push({ kind, word: wordOf(to, right), from_position, to_position, from_status, to_status });
    },
    onlyLeft: (left) => result.only_from.push(single(from, left)),
    onlyRight: (right) => result.only_to.push(single(to, right)),
  });
}
