import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

const EXCEPTIONS = 0;
const COMPRESSED = 1;
const OPTIONS = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };
/** On the status byte of an exception: its length follows. */
const IS_RUN = 0x80;
const STATUSES = 8;

/**
 * One status byte a test, packed: the most frequent one, and the exceptions from it (how many tests after the last one,
 * the status, for several in a row how many); or zstd where that is smaller. The same statuses always give the same
 * bytes, so that packed lists may be compared as they are.
 */
export function packStatuses(statuses: Uint8Array): Buffer {
  const base = mostFrequent(statuses);
  const bytes: number[] = [EXCEPTIONS, base];
  let end = 0;
  for (let start = 0; start < statuses.length; start++) {
    const status = statuses[start] as number;
    if (status === base) continue;
    let length = 1;
    while (statuses[start + length] === status) length++;
    pushVarint(bytes, start - end);
    bytes.push(length > 1 ? status | IS_RUN : status);
    if (length > 1) pushVarint(bytes, length);
    end = start + length;
    start = end - 1;
  }
  if (bytes.length < 256) return Buffer.from(bytes);
  const compressed = zstdCompressSync(statuses, OPTIONS);
  return compressed.length < bytes.length ? Buffer.concat([Buffer.from([COMPRESSED]), compressed]) : Buffer.from(bytes);
}

/** One byte a test again. */
export function unpackStatuses(packed: Buffer, tests: number): Uint8Array {
  if (packed[0] === COMPRESSED) return zstdDecompressSync(packed.subarray(1));
  const statuses = new Uint8Array(tests).fill(packed[1] as number);
  eachException(packed, (start, status, length) => statuses.fill(status, start, start + length));
  return statuses;
}

/** The status of one test. */
export function statusAt(packed: Buffer, index: number): number {
  if (packed[0] === COMPRESSED) return zstdDecompressSync(packed.subarray(1))[index] ?? 0;
  let found = packed[1] as number;
  eachException(packed, (start, status, length) => {
    if (index >= start && index < start + length) found = status;
  });
  return found;
}

/** Does any test have this status? */
export function hasStatus(packed: Buffer, wanted: number): boolean {
  if (packed[0] === COMPRESSED) return zstdDecompressSync(packed.subarray(1)).includes(wanted);
  let found = packed[1] === wanted;
  eachException(packed, (_, status) => {
    found ||= status === wanted;
  });
  return found;
}

function mostFrequent(statuses: Uint8Array): number {
  const counts = new Uint32Array(STATUSES);
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
  return counts.indexOf(Math.max(...counts));
}

function eachException(packed: Buffer, visit: (start: number, status: number, length: number) => void): void {
  let at = 2;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = packed[at++] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte <= 0x7f) return value;
    }
  };
  let end = 0;
  while (at < packed.length) {
    const start = end + varint();
    const status = packed[at++] as number;
    const length = status & IS_RUN ? varint() : 1;
    visit(start, status & ~IS_RUN, length);
    end = start + length;
  }
}

function pushVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
}
