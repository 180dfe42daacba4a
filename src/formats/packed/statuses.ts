import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

const RUNS = 0;
const COMPRESSED = 1;
const OPTIONS = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };

/**
 * One status byte a test, packed: runs of equal bytes (byte, length), or zstd where that is smaller. The same statuses
 * always give the same bytes, so that packed lists may be compared as they are.
 */
export function packStatuses(statuses: Uint8Array): Buffer {
  const runs: number[] = [RUNS];
  for (let start = 0; start < statuses.length; ) {
    const status = statuses[start] as number;
    let end = start + 1;
    while (end < statuses.length && statuses[end] === status) end++;
    runs.push(status);
    pushVarint(runs, end - start);
    start = end;
  }
  if (runs.length < 256) return Buffer.from(runs);
  const compressed = zstdCompressSync(statuses, OPTIONS);
  return compressed.length < runs.length ? Buffer.concat([Buffer.from([COMPRESSED]), compressed]) : Buffer.from(runs);
}

/** One byte a test again. */
export function unpackStatuses(packed: Buffer, tests: number): Uint8Array {
  if (packed[0] === COMPRESSED) return zstdDecompressSync(packed.subarray(1));
  const statuses = new Uint8Array(tests);
  let start = 0;
  eachRun(packed, (status, length) => {
    statuses.fill(status, start, start + length);
    start += length;
  });
  return statuses;
}

/** Adds the number of tests of each status byte to `counts`. */
export function countStatuses(packed: Buffer, counts: number[]): void {
  const add = (status: number, length: number): void => {
    counts[status] = (counts[status] ?? 0) + length;
  };
  if (packed[0] === COMPRESSED) for (const status of zstdDecompressSync(packed.subarray(1))) add(status, 1);
  else eachRun(packed, add);
}

/** The status of one test. */
export function statusAt(packed: Buffer, index: number): number {
  if (packed[0] === COMPRESSED) return zstdDecompressSync(packed.subarray(1))[index] ?? 0;
  let start = 0;
  let found = 0;
  eachRun(packed, (status, length) => {
    if (index >= start && index < start + length) found = status;
    start += length;
  });
  return found;
}

/** Does any test have this status? */
export function hasStatus(packed: Buffer, wanted: number): boolean {
  if (packed[0] === COMPRESSED) return zstdDecompressSync(packed.subarray(1)).includes(wanted);
  let found = false;
  eachRun(packed, (status) => {
    found ||= status === wanted;
  });
  return found;
}

function eachRun(packed: Buffer, visit: (status: number, length: number) => void): void {
  for (let at = 1; at < packed.length; ) {
    const status = packed[at++] as number;
    let length = 0;
    let factor = 1;
    for (let more = true; more; factor *= 128) {
      const byte = packed[at++] ?? 0;
      length += (byte & 0x7f) * factor;
      more = byte > 0x7f;
    }
    visit(status, length);
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
