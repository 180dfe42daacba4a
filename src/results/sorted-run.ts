import { splitNames } from '../packed/key.ts';
import type { Extent, Spool } from './spool.ts';

/** Tests of a run before they are merged: in columns. */
export interface Records {
  names: string[];
  /** A suite for each stretch of tests of the same one, and the index of the stretch's first test. */
  suites: string[];
  suite_starts: number[];
  /** Two halves a test, of the first occurrence. */
  fingerprints: Uint32Array;
  statuses: Uint8Array;
  durations: Uint8Array;
  /** Index of the file that each is from. */
  files: Uint32Array;
  /** Where its detail lies in the spool of texts, counted from 1; 0 without. */
  details: Float64Array;
}

const HEAD_BYTES = 8;
const FIXED_BYTES = 8 + 8 + 4 + 1 + 1;
const SUITE_BYTES = 4;
/** A merge holds one block of each run: with few tests, and fewer when their names are long. */
const BLOCK_TESTS = 256;
const BLOCK_CHARACTERS = 16 * 1024;
/** UTF-8 of one UTF-16 code unit. */
const MOST_BYTES = 3;

/** Tests of one suite, by their indexes. */
interface Segment {
  suite: string;
  order: Uint32Array;
}

/** Writes sorted runs, all by way of the same memory. */
export class RunWriter {
  readonly #spool: Spool;
  #memory = Buffer.alloc(0);

  constructor(spool: Spool) {
    this.#spool = spool;
  }

  /** Writes the records in key order, equal keys in the order of arrival, as blocks that can be read one by one. */
  write(records: Records): Extent[] {
    const extents: Extent[] = [];
    let block: Segment[] = [];
    let tests = 0;
    let characters = 0;
    for (const { suite, order } of sortedSegments(records)) {
      for (let start = 0; start < order.length; ) {
        const first = start;
        characters += suite.length;
        do {
          characters += (records.names[order[start++] as number] as string).length;
          tests++;
        } while (start < order.length && tests < BLOCK_TESTS && characters < BLOCK_CHARACTERS);
        block.push({ suite, order: order.subarray(first, start) });
        if (tests < BLOCK_TESTS && characters < BLOCK_CHARACTERS) continue;
        extents.push(this.#writeBlock(records, block, tests));
        block = [];
        tests = 0;
        characters = 0;
      }
    }
    if (tests > 0) extents.push(this.#writeBlock(records, block, tests));
    return extents;
  }

  #writeBlock(records: Records, segments: readonly Segment[], count: number): Extent {
    const parts = segments.map(({ suite }) => suite);
    for (const { order } of segments) for (const from of order) parts.push(records.names[from] as string);
    const text = parts.join('\0');
    const fixed = HEAD_BYTES + count * FIXED_BYTES + segments.length * SUITE_BYTES;
    const memory = this.#atLeast(fixed + MOST_BYTES * text.length);
    fillColumns(columnsOf(memory, count, segments.length), records, segments);
    memory.writeUInt32LE(count, 0);
    memory.writeUInt32LE(segments.length, 4);
    return this.#spool.append(memory.subarray(0, fixed + memory.write(text, fixed)));
  }

  #atLeast(bytes: number): Buffer {
    if (this.#memory.length < bytes) this.#memory = Buffer.allocUnsafeSlow(2 * bytes);
    return this.#memory;
  }
}

/**
 * Files have the tests of a suite together, mostly: it is enough to sort the tests inside each stretch, and the
 * stretches. Those of a suite that came back later are sorted together.
 */
function sortedSegments({ names, suites, suite_starts }: Records): Segment[] {
  const order = new Uint32Array(names.length);
  for (let index = 0; index < order.length; index++) order[index] = index;
  const segments = suites.map((suite, at) => {
    return { suite, order: sortPart(names, order.subarray(suite_starts[at], suite_starts[at + 1])) };
  });
  segments.sort((left, right) => (left.suite < right.suite ? -1 : left.suite > right.suite ? 1 : 0));
  const sorted: Segment[] = [];
  for (let start = 0; start < segments.length; ) {
    const { suite } = segments[start] as Segment;
    let end = start + 1;
    while (segments[end]?.suite === suite) end++;
    sorted.push(end === start + 1 ? (segments[start] as Segment) : united(names, segments.slice(start, end)));
    start = end;
  }
  return sorted;
}

/** Segments of the same suite as one. */
function united(names: readonly string[], segments: readonly Segment[]): Segment {
  const order = new Uint32Array(segments.reduce((sum, segment) => sum + segment.order.length, 0));
  let at = 0;
  for (const segment of segments) {
    order.set(segment.order, at);
    at += segment.order.length;
  }
  return { suite: (segments[0] as Segment).suite, order: sortPart(names, order) };
}

/** Sorts in place by name, then by arrival. */
function sortPart(names: readonly string[], part: Uint32Array): Uint32Array {
  const isBefore = (left: number, right: number): boolean => {
    const first = names[left] as string;
    const second = names[right] as string;
    return first === second ? left < right : first < second;
  };
  let sorted = true;
  for (let index = 1; index < part.length && sorted; index++) {
    sorted = isBefore(part[index - 1] as number, part[index] as number);
  }
  return sorted ? part : part.sort((left, right) => (isBefore(left, right) ? -1 : 1));
}

interface Columns {
  details: Float64Array;
  fingerprints: Uint32Array;
  files: Uint32Array;
  suite_tests: Uint32Array;
  statuses: Uint8Array;
  durations: Uint8Array;
}

/** A block's columns, in its memory. */
function columnsOf({ buffer, byteOffset }: Buffer, tests: number, suites: number): Columns {
  const start = byteOffset + HEAD_BYTES;
  const bytes = start + 20 * tests + SUITE_BYTES * suites;
  return {
    details: new Float64Array(buffer, start, tests),
    fingerprints: new Uint32Array(buffer, start + 8 * tests, 2 * tests),
    files: new Uint32Array(buffer, start + 16 * tests, tests),
    suite_tests: new Uint32Array(buffer, start + 20 * tests, suites),
    statuses: new Uint8Array(buffer, bytes, tests),
    durations: new Uint8Array(buffer, bytes + tests, tests),
  };
}

function fillColumns(columns: Columns, records: Records, segments: readonly Segment[]): void {
  const { details, fingerprints, files, suite_tests, statuses, durations } = columns;
  let index = 0;
  for (const [at, { order }] of segments.entries()) {
    suite_tests[at] = order.length;
    for (const from of order) {
      details[index] = records.details[from] as number;
      fingerprints[2 * index] = records.fingerprints[2 * from] as number;
      fingerprints[2 * index + 1] = records.fingerprints[2 * from + 1] as number;
      files[index] = records.files[from] as number;
      statuses[index] = records.statuses[from] as number;
      durations[index] = records.durations[from] as number;
      index++;
    }
  }
}

/** A block again; its arrays share the bytes that were read. */
export function unpackBlock(bytes: Buffer): Records {
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : Buffer.from(Uint8Array.prototype.slice.call(bytes).buffer);
  const count = aligned.readUInt32LE(0);
  const stretches = aligned.readUInt32LE(4);
  const { suite_tests, ...columns } = columnsOf(aligned, count, stretches);
  const suite_starts: number[] = [];
  let start = 0;
  for (const tests of suite_tests) {
    suite_starts.push(start);
    start += tests;
  }
  const text = aligned.toString('utf8', HEAD_BYTES + count * FIXED_BYTES + stretches * SUITE_BYTES);
  const names = splitNames(text);
  const suites = names.splice(0, stretches);
  return { ...columns, names, suites, suite_starts };
}
