import { type Records, unpackBlock } from './sorted-run.ts';
import type { Extent, Spool } from './spool.ts';

/** Reads the blocks of one sorted run, one record at a time. */
export class RunReader {
  suite = '';
  name = '';
  at = -1;
  records: Records | null = null;
  readonly order: number;
  #count = 0;
  /** Index of the first test that is of another suite than this one, and which suite that is. */
  #suiteEnd = 0;
  #nextSuite = 0;
  #next = 0;
  #memory = Buffer.alloc(0);
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
    if (this.at >= this.#count && !this.#readBlock()) return false;
    const records = this.records as Records;
    if (this.at === this.#suiteEnd) {
      this.suite = records.suites[this.#nextSuite++] as string;
      this.#suiteEnd = records.suite_starts[this.#nextSuite] ?? this.#count;
    }
    this.name = records.names[this.at] as string;
    return true;
  }

  #readBlock(): boolean {
    const extent = this.#extents[this.#next++];
    if (extent === undefined) return false;
    if (this.#memory.length < extent.length) this.#memory = Buffer.allocUnsafeSlow(extent.length + SPARE_BYTES);
    this.records = unpackBlock(this.#spool.read(extent, this.#memory));
    this.#count = this.records.names.length;
    this.at = 0;
    this.#suiteEnd = 0;
    this.#nextSuite = 0;
    return true;
  }
}

/** So that a slightly longer block needs no new memory. */
const SPARE_BYTES = 2048;

/** Takes the record at which a reader stands: in key order, equal keys in the order of arrival. */
export type TakeRecord = (reader: RunReader) => void;

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
    const { suite } = reader;
    // As a rule the tests of a suite come from one run: no need to compare their names.
    const isAlone = next === undefined || next.suite !== suite;
    let more = true;
    // Neighbours in the list mostly come from the same run: no need to touch the heap for them.
    do {
      take(reader);
      if (++taken % SLICE_RECORDS === 0) yield;
      more = reader.advance();
    } while (more && ((isAlone && reader.suite === suite) || next === undefined || isBefore(reader, next)));
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
  if (left.suite !== right.suite) return left.suite < right.suite;
  return left.name === right.name ? left.order < right.order : left.name < right.name;
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
