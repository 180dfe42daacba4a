import { createHash, randomBytes } from 'node:crypto';

/** The only place that draws random numbers. Everything else is handed a `Random`, so that a seed can replay a run. */
export interface Random {
  /** Uniform in [0, 1). */
  fraction(): number;
  bytes(count: number): Buffer;
}

/** Cryptographically strong randomness of the machine. */
export const systemRandom: Random = {
  fraction: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
  bytes: (count) => randomBytes(count),
};

/** A repeatable source for tests and simulation (mulberry32, public domain, by Tommy Ettinger). Never for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { fraction, bytes: (count) => Buffer.from(Array.from({ length: count }, () => Math.floor(fraction() * 256))) };
}

// No vowels that could form words, no letters that look like digits (Crockford's base 32, lower case).
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** A short identifier that a person can read out: `length` characters of 5 bits each. */
export function randomName(random: Random, length: number): string {
  let name = '';
  for (const byte of random.bytes(length)) name += ALPHABET[byte & 31];
  return name;
}

/** A secret for a header or a URL path: 256 bits, base64url. Store only its `secretHash`. */
export function randomSecret(random: Random): string {
  return random.bytes(32).toString('base64url');
}

/** What is kept of a secret at rest. The secrets are random 256-bit values, so a plain SHA-256 cannot be guessed back. */
export function secretHash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
