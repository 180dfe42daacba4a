import { type Records, unpackBlock } from './sorted-run.ts';
import type { Extent, Spool } from './spool.ts';

/** Reads the blocks of one sorted run, one record at a time. */
class RunReader {
  key = '';
  at = -1;
  records: Records | null = null;
  readonly order: number;
  #next = 0;
  readonly #extents: readonly Extent[];
  readonly #spool: Spool;

  constructor(order: number, extents: readonly Extent[], spool: Spool) {
    this.order = order;
    this.#extents = extents;
    this.#spool = spool;
  }

  /** Goes to the next record; false at the end. */
  advance(): boolean {
    this.at++;
    if (this.records === null || this.at >= this.records.keys.length) {
      const extent = this.#extents[this.#next++];
      if (extent === undefined) return false;
      this.records = unpackBlock(this.#spool.read(extent));
      this.at = 0;
    }
    this.key = this.records.keys[this.at] as string;
    return true;
  }
}

/** Takes records in key order, equal keys in the order of arrival. */
export type TakeRecord = (key: string, records: Records, at: number) => void;

/**
 * Merges sorted runs. Yields every some thousand records, so that the caller can do something else in between.
 */
export function* mergeRuns(runs: readonly Extent[][], spool: Spool, take: TakeRecord): Generator<void> {
  const heap = runs
    .map((extents, order) => new RunReader(order, extents, spool))
    .filter((reader) => reader.advance())
    .sort((left, right) => (isBefore(left, right) ? -1 : 1));
  let taken = 0;
  while (heap.length > 0) {
    const reader = heap[0] as RunReader;
    const next = runnerUp(heap);
    let more = true;
    // Neighbours in the list mostly come from the same run: no need to touch the heap for them.
    do {
      take(reader.key, reader.records as Records, reader.at);
      if (++taken % SLICE_RECORDS === 0) yield;
      more = reader.advance();
    } while (more && (next === undefined || isBefore(reader, next)));
    if (!more) {
      const last = heap.pop() as RunReader;
      if (heap.length === 0) break;
      if (last !== reader) heap[0] = last;
    }
    sink(heap);
  }
}

/** The one that comes after the first. */
function runnerUp(heap: readonly RunReader[]): RunReader | undefined {
  const [, left, right] = heap;
  return left !== undefined && right !== undefined && isBefore(right, left) ? right : left;
}

const SLICE_RECORDS = 4096;

function isBefore(left: RunReader, right: RunReader): boolean {
  if (left.key < right.key) return true;
  return left.key === right.key && left.order < right.order;
}

/** Lets the first reader sink to its place in the heap. */
function sink(heap: RunReader[]): void {
  const moving = heap[0] as RunReader;
  let place = 0;
  for (;;) {
    let child = 2 * place + 1;
    if (child >= heap.length) break;
    const right = heap[child + 1];
    if (right !== undefined && isBefore(right, heap[child] as RunReader)) child++;
    const candidate = heap[child] as RunReader;
    if (!isBefore(candidate, moving)) break;
    heap[place] = candidate;
    place = child;
  }
  heap[place] = moving;
}
