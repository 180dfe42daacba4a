import { storable } from '../base/storable.ts';

/** Between suite and name. Neither holds a NUL: parsers replace it, since PostgreSQL refuses it too. */
const SEPARATOR = '\0';

/**
 * A test's suite and name as one string. Lists of tests are sorted by it, in the order of JavaScript's `<`, that is by
 * UTF-16 code units.
 */
export function testKey(suite: string, name: string): string {
  return suite + SEPARATOR + name;
}

export function splitKey(key: string): { suite: string; name: string } {
  const end = key.indexOf(SEPARATOR);
  return { suite: key.slice(0, end), name: key.slice(end + 1) };
}

/** Tests of one suite that stand together in a list. */
export interface SuiteTests {
  suite: string;
  names: string[];
}

/** Between keys. Suites and names are never empty and hold no NUL, so two in a row stand nowhere else. */
const BETWEEN = '\0\0';

/** Keys as bytes, in memory of their own. */
export function joinKeys(keys: readonly string[]): Buffer<ArrayBuffer> {
  return bytesOf(keys.join(BETWEEN));
}

/** The keys of all these tests, joined as `joinKeys` does. */
export function joinSuites(list: readonly SuiteTests[]): Buffer<ArrayBuffer> {
  const parts = list.map(({ suite, names }) => {
    const start = suite + SEPARATOR;
    return start + names.join(BETWEEN + start);
  });
  return bytesOf(parts.join(BETWEEN));
}

/** Suites or names as bytes, in memory of their own. At least one. */
export function joinNames(names: readonly string[]): Buffer<ArrayBuffer> {
  return bytesOf(names.join(SEPARATOR));
}

/** What `joinNames` joined. */
export function splitNames(joined: string): string[] {
  return joined.split(SEPARATOR);
}

function bytesOf(text: string): Buffer<ArrayBuffer> {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

/** Text that was written as UTF-8. */
export function textOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('utf8');
}

/** The keys again. */
export function parseKeys(bytes: Uint8Array): string[] {
  return textOf(bytes).split(BETWEEN);
}

/** Characters of a key that a range column holds: index entries have a limit. */
const RANGE_CHARACTERS = 400;

/**
 * A key for a `bytea` range column: UTF-16 big-endian, so that PostgreSQL's byte order is the order of the list. Long
 * keys are cut, which widens a range and never narrows it.
 */
export function rangeKey(key: string): Buffer {
  return Buffer.from(key.slice(0, RANGE_CHARACTERS), 'utf16le').swap16();
}

/** The key of a test that a person asks for. */
export function askedKey(suite: string, name: string): string {
  return testKey(storable(suite), storable(name));
}
