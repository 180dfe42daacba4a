import { webcrypto } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompressSync } from 'node:zlib';
import { joinSuites, parseKeys, type SuiteTests, splitKey } from './key.ts';

const compress = promisify(zstdCompress);
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
  /** How many suites the list has, and the first and the last of them. */
  suite_count: number;
  first_suite: string;
  last_suite: string;
}

/**
 * Packs sorted tests; a name that stands there several times is several occurrences. Hashing and compressing are done in
 * the background.
 */
export async function packNames(list: readonly SuiteTests[]): Promise<PackedNames> {
  const plain = joinSuites(list);
  const sizes = list.map(({ suite, names }): [suite: string, tests: number] => [suite, names.length]);
  const [hash, names, suites] = await Promise.all([
    webcrypto.subtle.digest('SHA-256', plain),
    compress(plain, OPTIONS),
    compress(JSON.stringify(sizes), OPTIONS),
  ]);
  return {
    ...{ hash: Buffer.from(hash), names, suites, suite_count: sizes.length },
    first_suite: ownCopy(sizes[0]?.[0] ?? ''),
    last_suite: ownCopy(sizes.at(-1)?.[0] ?? ''),
  };
}

/** A part of a string keeps the whole of it in memory, and here the whole is a block of many keys. */
function ownCopy(text: string): string {
  return Buffer.from(text).toString();
}

export function unpackKeys(names: Buffer): string[] {
  return parseKeys(zstdDecompressSync(names));
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

/** One test of unpacked keys; null when there is none at this place. */
export function testAt(keys: readonly string[], index: number): ListedTest | null {
  const key = keys[index];
  if (key === undefined) return null;
  let occurrence = 0;
  while (keys[index - occurrence - 1] === key) occurrence++;
  return { ...splitKey(key), occurrence };
}

/** The suites of a chunk in order, with the number of their tests in it. */
export function unpackSuites(suites: Buffer): [suite: string, tests: number][] {
  return JSON.parse(zstdDecompressSync(suites).toString('utf8'));
}
