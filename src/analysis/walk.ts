import { hasStatus, unpackStatuses } from '../packed/statuses.ts';
import { type ChangeKind, STATUS_BYTE } from '../results/state.ts';
import { align, type FingerprintList } from './align.ts';
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

/** What stands for a test over lists and environments: 53 bits of its fingerprint, or a number of its own when nobody compares it. */
interface Named {
  word: number;
}

/** A test that only one of two lists has. */
export interface Single extends Named {
  position: number;
  status: number;
}

/** A test that both have and whose change is worth a line. */
export interface Changed extends Named {
  kind: ChangeKind;
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

/** The fingerprints of some chunks: the low halves, or the low and then the high ones. */
export type LoadFingerprints = (
  chunk_ids: readonly number[],
  halves: 'low' | 'both',
) => Promise<ReadonlyMap<number, Uint32Array>>;

/** Chunks that both lists have, in pairs, and those that only one has. */
interface Pairing {
  pairs: [ListedChunk, ListedChunk][];
  from: ListedChunk[];
  to: ListedChunk[];
}

/**
 * Compares two lists. Chunks that are the same in both cost a look at their packed statuses; of the others only half
 * of the fingerprints is read.
 */
export async function walk(
  from: readonly ListedChunk[],
  to: readonly ListedChunk[],
  load: LoadFingerprints,
): Promise<WalkResult> {
  const result: WalkResult = { changed: [], only_from: [], only_to: [] };
  const pairing = pairChunks(from, to);
  for (const [left, right] of pairing.pairs) if (isWorthALook(left, right)) compareStatuses(left, right, result);
  const alone = [...pairing.from, ...pairing.to];
  if (alone.length === 0) return result;
  const chunk_ids = [...new Set(alone.map((chunk) => chunk.chunk_id))];
  for (const halves of ['low', 'both'] as const) {
    const fingerprints = await load(chunk_ids, halves);
    const from = joined(pairing.from, fingerprints, halves);
    if (compareLists(from, joined(pairing.to, fingerprints, halves), result)) break;
  }
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

/** The same tests in both. */
function compareStatuses(left: ListedChunk, right: ListedChunk, result: WalkResult): void {
  const from = unpackStatuses(left.statuses, left.tests);
  const to = unpackStatuses(right.statuses, right.tests);
  for (let index = 0; index < to.length; index++) {
    const [before, after] = [from[index] as number, to[index] as number];
    if (before !== after || after === STATUS_BYTE.flaky) {
      addChanged(result, left.start + index, right.start + index, before, after);
    }
  }
}

/** Some chunks as one list. */
interface JoinedList extends FingerprintList {
  statuses: Uint8Array;
  chunks: readonly ListedChunk[];
  /** Where each chunk begins in this list. */
  offsets: number[];
}

function joined(
  chunks: readonly ListedChunk[],
  fingerprints: ReadonlyMap<number, Uint32Array>,
  halves: 'low' | 'both',
): JoinedList {
  const length = chunks.reduce((sum, chunk) => sum + chunk.tests, 0);
  const list: JoinedList = {
    low: new Uint32Array(length),
    high: halves === 'both' ? new Uint32Array(length) : null,
    statuses: new Uint8Array(length),
    chunks,
    offsets: [],
  };
  let at = 0;
  for (const { chunk_id, tests, statuses } of chunks) {
    list.offsets.push(at);
    const packed = fingerprints.get(chunk_id);
    if (packed === undefined) throw new Error(`the fingerprints of chunk ${chunk_id} are missing`);
    list.low.set(packed.subarray(0, tests), at);
    list.high?.set(packed.subarray(tests, 2 * tests), at);
    list.statuses.set(unpackStatuses(statuses, tests), at);
    at += tests;
  }
  return list;
}

/** False, with nothing added, when both halves are needed. */
function compareLists(from: JoinedList, to: JoinedList, result: WalkResult): boolean {
  const single = (list: JoinedList, index: number): Single => ({
    word: 0,
    position: positionAt(list, index),
    status: list.statuses[index] as number,
  });
  const found: WalkResult = { changed: [], only_from: [], only_to: [] };
  const complete = align(from, to, {
    same(left, right, length) {
      for (let index = 0; index < length; index++) {
        const before = from.statuses[left + index] as number;
        const after = to.statuses[right + index] as number;
        if (before === after && after !== STATUS_BYTE.flaky) continue;
        addChanged(found, positionAt(from, left + index), positionAt(to, right + index), before, after);
      }
    },
    onlyLeft: (left) => found.only_from.push(single(from, left)),
    onlyRight: (right) => found.only_to.push(single(to, right)),
  });
  if (!complete) return false;
  for (const item of found.changed) result.changed.push(item);
  result.only_from = found.only_from;
  result.only_to = found.only_to;
  return true;
}

/** The position in the run's list of a place in this one. */
function positionAt({ chunks, offsets }: JoinedList, index: number): number {
  let low = 0;
  let high = offsets.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((offsets[middle] as number) <= index) low = middle;
    else high = middle - 1;
  }
  return (chunks[low] as ListedChunk).start + index - (offsets[low] as number);
}

function addChanged(
  result: WalkResult,
  from_position: number,
  to_position: number,
  from_status: number,
  to_status: number,
): void {
  const kind = classify(from_status, to_status);
  if (kind !== null) result.changed.push({ word: 0, kind, from_position, to_position, from_status, to_status });
}
