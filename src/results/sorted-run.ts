import { joinKeys, parseKeys } from '../formats/packed/key.ts';
import type { Extent, Spool } from './spool.ts';

/** Tests of a run before they are merged: in columns. */
export interface Records {
  keys: string[];
  /** Two halves a test, of the first occurrence. */
  fingerprints: Uint32Array;
  statuses: Uint8Array;
  durations: Uint8Array;
  /** Index of the file that each is from. */
  files: Uint32Array;
  /** Where its detail lies in the spool of texts, counted from 1; 0 without. */
  details: Float64Array;
}

const FIXED_BYTES = 8 + 8 + 4 + 1 + 1;
const BLOCK_TESTS = 256;

/** Writes the records in key order, equal keys in the order of arrival, as blocks that can be read one by one. */
export function writeSorted(records: Records, spool: Spool): Extent[] {
  const count = records.keys.length;
  const order = sortedOrder(records.keys);
  const extents: Extent[] = [];
  for (let start = 0; start < count; start += BLOCK_TESTS) {
    extents.push(spool.append(packBlock(records, order.subarray(start, start + BLOCK_TESTS))));
  }
  return extents;
}

/**
 * Files have the tests of a suite together, mostly. Then it is enough to sort the tests inside each such segment, and
 * the segments; when a suite comes back later, everything is sorted.
 */
function sortedOrder(keys: readonly string[]): Uint32Array {
  const order = Uint32Array.from(keys, (_, index) => index);
  const segments: Uint32Array[] = [];
  for (let start = 0; start < keys.length; ) {
    const end = endOfSegment(keys, start);
    segments.push(sortPart(keys, order.subarray(start, end)));
    start = end;
  }
  const firstOf = (segment: Uint32Array): string => keys[segment[0] as number] as string;
  const lastOf = (segment: Uint32Array): string => keys[segment[segment.length - 1] as number] as string;
  segments.sort((left, right) => (firstOf(left) < firstOf(right) ? -1 : 1));
  const apart = segments.every((segment, at) => at === 0 || lastOf(segments[at - 1] as Uint32Array) < firstOf(segment));
  if (!apart) return sortPart(keys, order.sort());
  const sorted = new Uint32Array(keys.length);
  let at = 0;
  for (const segment of segments) {
    sorted.set(segment, at);
    at += segment.length;
  }
  return sorted;
}

/** Where the tests of this suite stop, at the first other one. */
function endOfSegment(keys: readonly string[], start: number): number {
  const first = keys[start] as string;
  const prefix = first.slice(0, first.indexOf('\0') + 1);
  let end = start + 1;
  while (end < keys.length && hasPrefix(keys[end] as string, prefix)) end++;
  return end;
}

/** Like `startsWith`, from the end, where suites differ. */
function hasPrefix(key: string, prefix: string): boolean {
  for (let index = prefix.length - 1; index >= 0; index--) {
    if (key.charCodeAt(index) !== prefix.charCodeAt(index)) return false;
  }
  return true;
}

/** Sorts in place by key, then by arrival. */
function sortPart(keys: readonly string[], part: Uint32Array): Uint32Array {
  let sorted = true;
  for (let index = 1; index < part.length && sorted; index++) {
    sorted = (keys[part[index - 1] as number] as string) <= (keys[part[index] as number] as string);
  }
  if (sorted) return part;
  return part.sort((left, right) => {
    const first = keys[left] as string;
    const second = keys[right] as string;
    return first === second ? left - right : first < second ? -1 : 1;
  });
}

function packBlock(records: Records, order: Uint32Array): Buffer {
  const count = order.length;
  const keys: string[] = new Array(count);
  const block = Buffer.allocUnsafeSlow(8 + count * FIXED_BYTES);
  const details = new Float64Array(block.buffer, 8, count);
  const words = new Uint32Array(block.buffer, 8 + 8 * count, 3 * count);
  const bytes = new Uint8Array(block.buffer, 8 + 20 * count);
  for (let index = 0; index < count; index++) {
    const from = order[index] as number;
    keys[index] = records.keys[from] as string;
    details[index] = records.details[from] as number;
    words[2 * index] = records.fingerprints[2 * from] as number;
    words[2 * index + 1] = records.fingerprints[2 * from + 1] as number;
    words[2 * count + index] = records.files[from] as number;
    bytes[index] = records.statuses[from] as number;
    bytes[count + index] = records.durations[from] as number;
  }
  block.writeUInt32LE(count, 0);
  return Buffer.concat([block, joinKeys(keys)]);
}

/** A block again; its arrays share the bytes that were read. */
export function unpackBlock(bytes: Buffer): Records {
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : Buffer.from(Uint8Array.prototype.slice.call(bytes).buffer);
  const { buffer, byteOffset } = aligned;
  const count = aligned.readUInt32LE(0);
  const start = byteOffset + 8;
  return {
    keys: parseKeys(aligned.subarray(8 + count * FIXED_BYTES)),
    details: new Float64Array(buffer, start, count),
    fingerprints: new Uint32Array(buffer, start + 8 * count, 2 * count),
    files: new Uint32Array(buffer, start + 16 * count, count),
    statuses: new Uint8Array(buffer, start + 20 * count, count),
    durations: new Uint8Array(buffer, start + 21 * count, count),
  };
}
