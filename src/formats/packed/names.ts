import { hash } from 'node:crypto';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { splitKey } from './key.ts';

/** Between keys. Suites and names are never empty and hold no NUL, so two in a row stand nowhere else. */
const SEPARATOR = '\0\0';
const OPTIONS = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

export interface ListedTest {
  suite: string;
  name: string;
  occurrence: number;
}

/** The names of a chunk as they are hashed and stored. */
export interface PackedNames {
  /** SHA-256 of the list: the chunk's identity. */
  hash: Buffer;
  names: Buffer;
  suites: Buffer;
}

/** Packs sorted keys; a key that stands there several times is several occurrences. */
export function packNames(keys: readonly string[]): PackedNames {
  const plain = Buffer.from(keys.join(SEPARATOR));
  return {
    hash: hash('sha256', plain, 'buffer'),
    names: zstdCompressSync(plain, OPTIONS),
    suites: zstdCompressSync(JSON.stringify(suiteSizes(keys)), OPTIONS),
  };
}

export function unpackKeys(names: Buffer): string[] {
  return zstdDecompressSync(names).toString('utf8').split(SEPARATOR);
}

export function unpackTests(names: Buffer): ListedTest[] {
  let before: string | null = null;
  let occurrence = 0;
  return unpackKeys(names).map((key) => {
    occurrence = key === before ? occurrence + 1 : 0;
    before = key;
    return { ...splitKey(key), occurrence };
  });
}

/** The suites of a chunk in order, with the number of their tests in it. */
export function unpackSuites(suites: Buffer): [suite: string, tests: number][] {
  return JSON.parse(zstdDecompressSync(suites).toString('utf8'));
}

function suiteSizes(keys: readonly string[]): [suite: string, tests: number][] {
  const sizes: [string, number][] = [];
  let prefix = '';
  for (const key of keys) {
    const last = sizes[sizes.length - 1];
    if (last !== undefined && key.startsWith(prefix)) {
      last[1]++;
      continue;
    }
    const { suite } = splitKey(key);
    prefix = key.slice(0, suite.length + 1);
    sizes.push([suite, 1]);
  }
  return sizes;
}
