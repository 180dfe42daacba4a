/**
 * 64-bit fingerprints of (suite, name, occurrence), kept beside the names of a chunk, so that lists are compared and
 * searched without unpacking names. Two lanes of multiply-and-xor over the UTF-16 code units, finished as in MurmurHash3
 * (public domain, by Austin Appleby). The values are on disk: never change the constants.
 */
const FIRST_SEED = 0x2c1b3c6d;
const SECOND_SEED = 0x297a2d39;
const FIRST_FACTOR = 0x9e3779b1;
const SECOND_FACTOR = 0x85ebca77;

function finish(lane: number): number {
  let mixed = lane;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Writes the fingerprint of the first occurrence into two places of `target`, low half first. */
export function writeFingerprint(key: string, target: Uint32Array, index: number): void {
  let first = FIRST_SEED;
  let second = SECOND_SEED;
  for (let at = 0; at < key.length; at++) {
    const code = key.charCodeAt(at);
    first = Math.imul(first ^ code, FIRST_FACTOR);
    first ^= first >>> 15;
    second = Math.imul(second ^ code, SECOND_FACTOR);
    second ^= second >>> 13;
  }
  target[2 * index] = finish(first ^ key.length);
  target[2 * index + 1] = finish(second);
}

/** The low half for a later occurrence; the high half stays. Occurrence 0 changes nothing. */
export function withOccurrence(low: number, occurrence: number): number {
  return occurrence === 0 ? low : finish(low ^ Math.imul(occurrence, FIRST_FACTOR));
}

/** Both halves for one test. */
export function fingerprintOf(key: string, occurrence: number): { low: number; high: number } {
  const halves = new Uint32Array(2);
  writeFingerprint(key, halves, 0);
  return { low: withOccurrence(halves[0] as number, occurrence), high: halves[1] as number };
}

/** As stored: the low halves of all tests, then the high ones, little-endian; the low ones alone are enough to align lists. */
export function packFingerprints(low: Uint32Array, high: Uint32Array): Buffer {
  const packed = Buffer.allocUnsafeSlow(low.byteLength + high.byteLength);
  packed.set(new Uint8Array(low.buffer, low.byteOffset, low.byteLength));
  packed.set(new Uint8Array(high.buffer, high.byteOffset, high.byteLength), low.byteLength);
  return packed;
}

/** Numbers of four bytes: the low halves, or both kinds one after the other. */
export function unpackHalves(bytes: Buffer): Uint32Array {
  if (bytes.byteOffset % 4 === 0) return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
  return new Uint32Array(Uint8Array.prototype.slice.call(bytes).buffer);
}

/** Four bytes as stored. */
export function packHalf(half: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(half);
  return bytes;
}
