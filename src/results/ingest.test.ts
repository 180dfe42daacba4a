import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../store/testing/database.ts';
import { commitResults, prepareResults } from './ingest.ts';
import { runResults } from './store/counts.ts';
import { findFailure, listFailures, listSuites, listTests } from './store/list.ts';
import { createFixture, type Fixture, fileOf, junitOf } from './testing/fixture.ts';

let database: TestDatabase;
let fixture: Fixture;
let builds = 0;

beforeAll(async () => {
  database = await testDatabase();
  fixture = await createFixture(database.db);
});
afterAll(async () => await database?.close());

async function newRun() {
  return await fixture.run(await fixture.build(`build ${++builds}`), 'test', 'jammy');
}

describe('ingest', () => {
  it('keeps every test, its status, its duration and what it said', async () => {
    const run = await newRun();
    const result = await fixture.ingest(run, junitOf('parser/quotes', { b: 'fail', a: 'pass', c: 'skip' }));
    expect(result).toMatchObject({ tests: 3, suites: 1, partial: false, counts: { pass: 1, fail: 1, skip: 1 } });
    const { items } = await listTests(database.db, run, { statuses: null, text: null, cursor: null, limit: 10 });
    expect(items.map(({ name, status }) => [name, status])).toEqual([
      ['a', 'pass'],
      ['b', 'fail'],
      ['c', 'skip'],
    ]);
    expect(Math.abs((items[0]?.duration_ms ?? 0) - 12)).toBeLessThan(12 * 0.05);
    const [failure] = await listFailures(database.db, run, { limit: 10 });
    expect(failure).toMatchObject({
      ...{ suite: 'parser/quotes', name: 'b', position: 1, status: 'fail', message: 'b broke', attempts: 1 },
      ...{ failed_attempts: 1, location: 'parser.test.js:41', trace: 'at b (parser.test.js:41:7)' },
    });
    expect(await findFailure(database.db, run, 0)).toBeNull();
  });

  it('lets attempts vote: mixed ones are flaky, with how many of how many failed', async () => {
    const run = await newRun();
    const first = junitOf('queue/order', { flaky: 'fail', broken: 'fail', fine: 'pass', late: 'skip' });
    const second = junitOf('queue/order', { flaky: 'pass', broken: 'fail', late: 'pass' });
    const result = await fixture.ingest(run, first, second, junitOf('queue/order', { flaky: 'pass' }));
    expect(result.counts).toMatchObject({ flaky: 1, fail: 1, pass: 2, skip: 0 });
    const failures = await listFailures(database.db, run, { limit: 10 });
    expect(
      failures.map((failure) => [failure.name, failure.status, failure.failed_attempts, failure.attempts]),
    ).toEqual([
      ['broken', 'fail', 2, 2],
      ['flaky', 'flaky', 1, 3],
    ]);
  });

  it('keeps tests of the same name in one file apart, and matches them over attempts', async () => {
    const run = await newRun();
    const twice =
      '<testsuite name="s"><testcase name="t"/><testcase name="t"><failure message="second"/></testcase></testsuite>';
    const again = '<testsuite name="s"><testcase name="t"/><testcase name="t"/></testsuite>';
    const result = await fixture.ingest(run, twice, again);
    expect(result).toMatchObject({ tests: 2, counts: { pass: 1, flaky: 1 } });
    expect(await listFailures(database.db, run, { limit: 10 })).toMatchObject([{ occurrence: 1, message: 'second' }]);
  });

  it('replaces everything when it runs a second time', async () => {
    const run = await newRun();
    await fixture.ingest(run, junitOf('s', { a: 'fail', b: 'fail' }));
    await fixture.ingest(run, junitOf('s', { a: 'pass' }));
    expect(await runResults(database.db, run)).toMatchObject({ tests: 1, counts: { pass: 1, fail: 0 } });
    expect(await listFailures(database.db, run, { limit: 10 })).toEqual([]);
  });

  it('keeps what was read of a broken file, says where it broke, and reads the others', async () => {
    const run = await newRun();
    const broken = junitOf('s', { a: 'pass', b: 'pass' }).slice(0, -60);
    const result = await fixture.ingest(run, broken, '', '<html><body/></html>', junitOf('other', { c: 'pass' }));
    expect(result).toMatchObject({ tests: 2, files: 4, partial: true });
    expect(result.problem).toMatch(/^junit-0.xml is not valid JUnit XML at line 2, column \d+: the file ends inside/);
    const row = await runResults(database.db, run);
    expect(row?.problems.map(({ code, tests_kept }) => [code, tests_kept])).toEqual([
      ['GC1701', 1],
      ['GC1702', 0],
      ['GC1703', 0],
    ]);
  });

  it('leaves nothing of a run whose transaction is rolled back', async () => {
    const run = await newRun();
    const { db } = database;
    const prepared = await prepareResults([fileOf(junitOf('s', { a: 'fail' }))], {
      db,
      project_id: fixture.project_id,
    });
    const failing = db.transaction().execute(async (tx) => {
      await commitResults(tx, run, fixture.project_id, prepared);
      throw new Error('the worker is gone');
    });
    await expect(failing).rejects.toThrow('the worker is gone');
    expect(await runResults(db, run)).toBeNull();
    await db.transaction().execute((tx) => commitResults(tx, run, fixture.project_id, prepared));
    prepared.close();
    expect(await runResults(db, run)).toMatchObject({ tests: 1 });
  });

  it('says which file cannot be read, and stops when it is told to', async () => {
    const { db } = database;
    const { project_id } = fixture;
    const failing = {
      path: 'a.xml',
      size_bytes: 5,
      format: null,
      open: async () => Promise.reject(new Error('no such object')),
    };
    await expect(prepareResults([failing], { db, project_id })).rejects.toMatchObject({
      code: 'GC1706',
      message: 'Reading the results file a.xml stopped: no such object',
    });
    const controller = new AbortController();
    const hanging = new Readable({ read: () => undefined });
    const open = async (): Promise<Readable> => hanging;
    const preparing = prepareResults([{ path: 'b.xml', size_bytes: null, format: null, open }], {
      ...{ db, project_id, signal: controller.signal },
    });
    controller.abort(new Error('the worker is trimmed'));
    await expect(preparing).rejects.toThrow('the worker is trimmed');
  });

  it('counts per suite, also over borders of chunks, and pages through tests', async () => {
    const run = await newRun();
    const cases = Array.from({ length: 20_000 }, (_, index) => {
      return `<testcase classname="suite ${index % 2}" name="test ${index}" time="0.${index % 100}"/>`;
    });
    const result = await fixture.ingest(run, `<testsuites><testsuite>${cases.join('')}</testsuite></testsuites>`);
    expect(result).toMatchObject({ tests: 20_000, suites: 2 });
    expect(await listSuites(database.db, run)).toMatchObject([
      { suite: 'suite 0', tests: 10_000, counts: { pass: 10_000 } },
      { suite: 'suite 1', tests: 10_000 },
    ]);
    let cursor: string | null = null;
    const names = new Set<string>();
    do {
      const page = await listTests(database.db, run, { statuses: ['pass'], text: 'TEST 1999', cursor, limit: 4 });
      for (const item of page.items) names.add(item.name);
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect([...names].sort()).toEqual(
      ['test 1999', ...Array.from({ length: 10 }, (_, index) => `test 1999${index}`)].sort(),
    );
  });

  it('stores a list once, whatever the statuses, and only one new chunk for one new name', async () => {
    const tests = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`one test ${index}`, 'pass']));
    const { db } = database;
    const chunks = async () => await db.selectFrom('result_chunks').select('id').execute();
    await fixture.ingest(await newRun(), junitOf('stable', tests));
    const before = (await chunks()).length;
    await fixture.ingest(await newRun(), junitOf('stable', { ...tests, 'one test 77': 'fail' }));
    expect((await chunks()).length).toBe(before);
    await fixture.ingest(await newRun(), junitOf('stable', { ...tests, 'one test 77 and a half': 'pass' }));
    expect((await chunks()).length).toBeLessThanOrEqual(before + 2);
  });
});
