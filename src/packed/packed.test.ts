import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BATCH_STATUSES } from '../formats/batch.ts';
import { STATUS_BYTE } from '../results/state.ts';
import { durationAt, durationByte, durationFromByte_ms, packDurations } from './durations.ts';
import {
  codeUnitsOf,
  fingerprintOf,
  packFingerprints,
  startFingerprint,
  unpackHalves,
  writeFingerprint,
} from './fingerprint.ts';
import { joinKeys, joinSuites, parseKeys, rangeKey, type SuiteTests, splitKey, testKey } from './key.ts';
import { packNames, testAt, unpackKeys, unpackSuites, unpackTests } from './names.ts';
import { hasStatus, packStatuses, statusAt, unpackStatuses } from './statuses.ts';

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).map((text) => text.replaceAll('\0', '?'));
const key = fc.tuple(name, name).map(([suite, test]) => testKey(suite, test));
const keys = fc.array(key, { minLength: 1, maxLength: 200 }).map((list) => list.sort());

/** Sorted keys by suite. */
function suitesOf(list: readonly string[]): SuiteTests[] {
  const suites: SuiteTests[] = [];
  for (const { suite, name } of list.map(splitKey)) {
    if (suites.at(-1)?.suite !== suite) suites.push({ suite, names: [] });
    suites.at(-1)?.names.push(name);
  }
  return suites;
}

describe('names', () => {
  it('come back as they were, duplicates as occurrences', async () => {
    await fc.assert(
      fc.asyncProperty(keys, async (list) => {
        const doubled = [...list, ...list].sort();
        const { names } = await packNames(suitesOf(doubled));
        expect(unpackKeys(names)).toEqual(doubled);
        const tests = unpackTests(names);
        expect(tests.map(({ suite, name }) => testKey(suite, name))).toEqual(doubled);
        expect(tests.map((_, index) => testAt(doubled, index))).toEqual(tests);
        expect(new Set(tests.map((test) => JSON.stringify(test))).size).toBe(doubled.length);
      }),
    );
  });

  it('are counted by suite', async () => {
    await fc.assert(
      fc.asyncProperty(keys, async (list) => {
        const sizes = new Map<string, number>();
        for (const { suite } of list.map(splitKey)) sizes.set(suite, (sizes.get(suite) ?? 0) + 1);
        const { suites, ...packed } = await packNames(suitesOf(list));
        expect(unpackSuites(suites)).toEqual([...sizes]);
        const names = [...sizes.keys()];
        expect(packed).toMatchObject({ suite_count: names.length, first_suite: names[0], last_suite: names.at(-1) });
      }),
    );
  });

  it('have a hash that only the list decides', async () => {
    const list = [testKey('a', 'b'), testKey('a', 'c')];
    const { hash } = await packNames(suitesOf(list));
    expect((await packNames(suitesOf(list))).hash).toEqual(hash);
    expect((await packNames(suitesOf([testKey('a', 'b')]))).hash).not.toEqual(hash);
  });
});

describe('keys', () => {
  it('survive being joined', () => {
    fc.assert(
      fc.property(keys, (list) => {
        expect(parseKeys(joinKeys(list))).toEqual(list);
      }),
    );
  });

  it('are the same bytes when they are joined by suite', () => {
    fc.assert(
      fc.property(keys, (list) => {
        expect(joinSuites(suitesOf(list))).toEqual(joinKeys(list));
      }),
    );
  });

  it('have the order of their range columns', () => {
    fc.assert(
      fc.property(key, key, (left, right) => {
        expect(Math.sign(Buffer.compare(rangeKey(left), rangeKey(right)))).toBe(
          left < right ? -1 : left > right ? 1 : 0,
        );
      }),
    );
  });
});

describe('fingerprints', () => {
  it('are the same when the suite went ahead and the name is a part of a longer text', () => {
    fc.assert(
      fc.property(name, name, (suite, test) => {
        const text = `before\0${test}\0after`;
        const part = { codes: codeUnitsOf(text, Buffer.from(text)), from: 7, to: 7 + test.length };
        const halves = new Uint32Array(4);
        writeFingerprint(startFingerprint(testKey(suite, '')), part, halves, 1);
        const { low, high } = fingerprintOf(testKey(suite, test), 0);
        expect([...halves]).toEqual([0, 0, low, high]);
      }),
    );
  });

  it('are what they were when the first ones were stored', () => {
    expect(fingerprintOf(testKey('parser/quotes', 'nested quotes'), 0)).toMatchInlineSnapshot(`
      {
        "high": 2288166222,
        "low": 4003937596,
      }
    `);
    expect(fingerprintOf(testKey('parser/quotes', 'nested quotes'), 1)).toMatchInlineSnapshot(`
      {
        "high": 2288166222,
        "low": 3431844583,
      }
    `);
  });

  it('differ among tests that resemble each other, in either half', () => {
    const [low, high] = [new Set<number>(), new Set<number>()];
    for (let index = 0; index < 50_000; index++) {
      const fingerprint = fingerprintOf(testKey(`com.acme.Module${index % 100}Test`, `testCase[${index}]`), index % 3);
      low.add(fingerprint.low);
      high.add(fingerprint.high);
    }
    // Among 50,000 random numbers of 32 bits, 0.3 pairs are the same.
    expect(low.size).toBeGreaterThan(49_990);
    expect(high.size).toBeGreaterThan(49_990);
  });

  it('come back from any place in memory', () => {
    const packed = packFingerprints(Uint32Array.of(1, 2 ** 32 - 1), Uint32Array.of(3, 4));
    expect([...unpackHalves(packed)]).toEqual([1, 2 ** 32 - 1, 3, 4]);
    expect([...unpackHalves(Buffer.concat([Buffer.from('x'), packed]).subarray(1))]).toEqual([1, 2 ** 32 - 1, 3, 4]);
  });
});

describe('statuses', () => {
  const status = fc.integer({ min: 1, max: 6 });
  const mostlyPassed = fc.array(fc.oneof({ weight: 20, arbitrary: fc.constant(1) }, status), {
    minLength: 1,
    maxLength: 3000,
  });
  const anything = fc.array(status, { minLength: 1, maxLength: 3000 });

  it('come back, all and one by one', () => {
    fc.assert(
      fc.property(fc.oneof(mostlyPassed, anything), fc.nat(), (list, at) => {
        const packed = packStatuses(Uint8Array.from(list));
        expect([...unpackStatuses(packed, list.length)]).toEqual(list);
        expect(statusAt(packed, at % list.length)).toBe(list[at % list.length]);
        for (let byte = 1; byte <= 6; byte++) {
          expect(hasStatus(packed, byte)).toBe(list.includes(byte));
        }
      }),
    );
  });

  it('cost next to nothing when all passed', () => {
    expect(packStatuses(new Uint8Array(4000).fill(1)).length).toBeLessThanOrEqual(4);
  });

  it('have the same bytes in a batch as in a chunk', () => {
    expect(Object.fromEntries(BATCH_STATUSES.map((status, index) => [status, index + 1]))).toEqual(STATUS_BYTE);
  });
});

describe('durations', () => {
  it('are kept within 5 %', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 9e7, noNaN: true }), (duration_ms) => {
        const kept = durationFromByte_ms(durationByte(duration_ms)) ?? 0;
        expect(Math.abs(kept - duration_ms) / duration_ms).toBeLessThan(0.05);
      }),
    );
  });

  it('know nothing, unknown and more than a day apart', () => {
    const kept = [0, 0.01, Number.NaN, -1, 1e12].map((value) => durationFromByte_ms(durationByte(value)));
    expect(kept).toEqual([0, 0, null, null, 1e8]);
  });

  it('cost nothing when none is known, a byte when all are the same', () => {
    expect(packDurations(new Uint8Array(100))).toBeNull();
    expect(durationAt(null, 5)).toBeNull();
    const same = packDurations(new Uint8Array(100).fill(1));
    expect(same).toHaveLength(1);
    expect(durationAt(same, 99)).toBe(0);
    expect(durationAt(packDurations(Uint8Array.of(0, 1)), 1)).toBe(0);
  });
});
