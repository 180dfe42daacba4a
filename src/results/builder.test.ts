import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BATCH_STATUSES, BatchCollector, type TestBatch } from '../formats/batch.ts';
import { fingerprintOf, unpackHalves } from '../packed/fingerprint.ts';
import { testKey } from '../packed/key.ts';
import { unpackTests } from '../packed/names.ts';
import { unpackStatuses } from '../packed/statuses.ts';
import type { TestStatus } from '../protocol/results.ts';
import { type BuiltResults, ResultsBuilder } from './builder.ts';
import type { FailureRow } from './failure-rows.ts';
import { Spool } from './spool.ts';
import { STATUS_OF_BYTE } from './state.ts';

interface Given {
  suite: string;
  name: string;
  status: TestStatus;
}

async function build(files: readonly (readonly Given[])[]): Promise<BuiltResults> {
  const builder = new ResultsBuilder({ sorted: new Spool(), texts: new Spool(), output: new Spool() });
  for (const [file, tests] of files.entries()) {
    const batches: TestBatch[] = [];
    const collector = new BatchCollector((batch) => batches.push(batch));
    for (const test of tests) {
      const failed = test.status === 'fail' ? 1 : 0;
      collector.test({
        ...test,
        ...{ duration_ms: 5, message: `${file}`, trace: `trace ${file} ${test.name}`, cut_characters: 0 },
        ...{ file: null, line: null, attempts: 1, failed_attempts: failed },
      });
    }
    collector.flush();
    for (const batch of batches) await builder.add(file, batch);
  }
  return await builder.finish();
}

/** What was built, unpacked: one line a test in the list's order. */
function listed(built: BuiltResults): string[] {
  return built.chunks.flatMap((chunk) => {
    const tests = unpackTests(built.spool.read(chunk.names));
    const statuses = unpackStatuses(chunk.statuses, chunk.tests);
    const halves = unpackHalves(built.spool.read(chunk.fingerprints));
    return tests.map(({ suite, name, occurrence }, index) => {
      const { low, high } = fingerprintOf(testKey(suite, name), occurrence);
      expect([halves[index], halves[chunk.tests + index]]).toEqual([low, high]);
      return `${suite}|${name}|${occurrence}|${STATUS_OF_BYTE[statuses[index] as number]}`;
    });
  });
}

/** The same by the plainest means. */
function modelled(files: readonly (readonly Given[])[]): string[] {
  const attempts = new Map<string, TestStatus[]>();
  for (const tests of files) {
    const seen = new Map<string, number>();
    for (const { suite, name, status } of tests) {
      const key = testKey(suite, name);
      const occurrence = seen.get(key) ?? 0;
      seen.set(key, occurrence + 1);
      const place = JSON.stringify([key, occurrence]);
      attempts.set(place, [...(attempts.get(place) ?? []), status]);
    }
  }
  const rows = [...attempts].map(([place, statuses]) => {
    const [key, occurrence] = JSON.parse(place) as [string, number];
    const voting = statuses.filter((status) => status !== 'skip');
    const status = voting.length === 0 ? 'skip' : new Set(voting).size > 1 ? 'flaky' : (voting[0] as TestStatus);
    return { key, occurrence, status };
  });
  rows.sort((a, b) => (a.key === b.key ? a.occurrence - b.occurrence : a.key < b.key ? -1 : 1));
  return rows.map(({ key, occurrence, status }) => `${key.replace('\0', '|')}|${occurrence}|${status}`);
}

const test = fc.record({
  suite: fc.constantFrom('a', 'a b', 'parser/quotes', 'ü😀', '日本'),
  name: fc.oneof(fc.constantFrom('x', 'y', 'z'), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 })),
  status: fc.constantFrom<TestStatus>('pass', 'fail', 'skip'),
});
const given = fc
  .array(fc.array(test, { maxLength: 60 }), { maxLength: 4 })
  .map((files) => files.map((tests) => tests.map((one) => ({ ...one, name: one.name.replaceAll('\0', '?') }))));

describe('ResultsBuilder', () => {
  it('lists, counts and votes like the plainest model', async () => {
    await fc.assert(
      fc.asyncProperty(given, async (files) => {
        const built = await build(files);
        const model = modelled(files);
        expect(listed(built)).toEqual(model);
        expect(built.tests).toBe(model.length);
        expect(built.suites).toBe(new Set(model.map((row) => row.split('|')[0])).size);
        BATCH_STATUSES.forEach((status, index) => {
          expect(built.counts[index + 1]).toBe(model.filter((row) => row.endsWith(`|${status}`)).length);
        });
        built.spool.close();
      }),
    );
  });

  it('sorts many more tests than it holds in memory, in any order of the file', async () => {
    const count = 70_000;
    const tests = Array.from({ length: count }, (_, index) => {
      const scattered = (index * 7919) % count;
      return { suite: `suite ${scattered % 97}`, name: `test ${scattered}`, status: 'pass' as TestStatus };
    });
    (tests[11] as Given).status = 'fail';
    const built = await build([tests, tests.slice(0, 100).map((one) => ({ ...one, status: 'pass' as TestStatus }))]);
    const rows = listed(built);
    expect(rows).toHaveLength(count);
    expect(rows).toEqual(modelled([tests, tests.slice(0, 100).map((one) => ({ ...one, status: 'pass' }))]));
    expect(Math.max(...built.chunks.map((chunk) => chunk.tests))).toBeLessThanOrEqual(16_000);
    const [block] = built.failures;
    const failures: FailureRow[] = JSON.parse(built.spool.read((block as NonNullable<typeof block>).rows).toString());
    expect(failures).toMatchObject([{ name: tests[11]?.name, attempts: 2, failed_attempts: 1, message: '0' }]);
    expect(rows[failures[0]?.position ?? -1]).toContain('|flaky');
    built.spool.close();
  }, 120_000);

  it('sorts suites that stand together, wherever batches and sorted runs cut them', async () => {
    const count = 36_000;
    const tests = Array.from({ length: count }, (_, index): Given => {
      const suite = (Math.floor(index / 700) * 31) % 53;
      return { suite: `suite ${suite}`, name: `test ${(index * 7919) % count}`, status: index % 5 ? 'pass' : 'skip' };
    });
    const again = tests.slice(20_000).reverse();
    const built = await build([tests, again]);
    expect(listed(built)).toEqual(modelled([tests, again]));
    expect(built.suites).toBe(new Set(tests.map((one) => one.suite)).size);
    built.spool.close();
  });

  it('sorts long names and suites, few at a time', async () => {
    const tests = Array.from({ length: 6000 }, (_, index): Given => {
      const scattered = (index * 7919) % 6000;
      return {
        suite: `suite ${scattered % 900} ${'s'.repeat(1900)}`,
        name: `${'n'.repeat(1900)} ${index}`,
        status: 'pass',
      };
    });
    const built = await build([tests]);
    expect(listed(built)).toEqual(modelled([tests]));
    built.spool.close();
  });

  it('keeps many tests of the same name apart', async () => {
    const same = Array.from({ length: 20_000 }, () => ({ suite: 's', name: 'n', status: 'pass' as TestStatus }));
    const built = await build([same]);
    expect(built.tests).toBe(20_000);
    expect(built.suites).toBe(1);
    built.spool.close();
  });
});
