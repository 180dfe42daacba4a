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

/** The lanes after the first characters of a key: what the tests of a suite have in common. */
export interface FingerprintStart {
  first: number;
  second: number;
  characters: number;
}

export function startFingerprint(text: string): FingerprintStart {
  let first = FIRST_SEED;
  let second = SECOND_SEED;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    first = Math.imul(first ^ code, FIRST_FACTOR);
    first ^= first >>> 15;
    second = Math.imul(second ^ code, SECOND_FACTOR);
    second ^= second >>> 13;
  }
  return { first, second, characters: text.length };
}

/** A part of some text by its code units, which are bytes when all of it is ASCII. */
export interface CodeUnits {
  codes: Uint8Array | Uint16Array;
  from: number;
  to: number;
}

/**
 * Writes the fingerprint of a key's first occurrence into two places of `target`, low half first. The key is what
 * `start` was made of, and the part of the code units.
 */
export function writeFingerprint(start: FingerprintStart, part: CodeUnits, target: Uint32Array, index: number): void {
  const { codes, from, to } = part;
  let { first, second } = start;
  for (let at = from; at < to; at++) {
    const code = codes[at] as number;
    first = Math.imul(first ^ code, FIRST_FACTOR);
    first ^= first >>> 15;
    second = Math.imul(second ^ code, SECOND_FACTOR);
    second ^= second >>> 13;
  }
  target[2 * index] = finish(first ^ (start.characters + to - from));
  target[2 * index + 1] = finish(second);
}

/** The code units of a text that these bytes are in UTF-8. */
export function codeUnitsOf(text: string, bytes: Uint8Array): Uint8Array | Uint16Array {
  // Whatever is not ASCII takes more bytes than code units.
  if (text.length === bytes.length) return bytes;
  const codes = new Uint16Array(text.length);
  Buffer.from(codes.buffer).write(text, 'utf16le');
  return codes;
}

/** The low half for a later occurrence; the high half stays. Occurrence 0 changes nothing. */
export function withOccurrence(low: number, occurrence: number): number {
  return occurrence === 0 ? low : finish(low ^ Math.imul(occurrence, FIRST_FACTOR));
}

const NOTHING: CodeUnits = { codes: new Uint8Array(0), from: 0, to: 0 };

/** Both halves for one test. */
export function fingerprintOf(key: string, occurrence: number): { low: number; high: number } {
  const halves = new Uint32Array(2);
  writeFingerprint(startFingerprint(key), NOTHING, halves, 0);
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
