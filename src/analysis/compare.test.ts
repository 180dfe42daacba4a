import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFixture, type Fixture, junitOf } from '../results/testing/fixture.ts';
import { type TestDatabase, testDatabase } from '../store/testing/database.ts';
import { inAnyState } from '../store/testing/states.ts';
import { compareBuilds } from './compare.ts';
import { testHistory } from './history.ts';
import { buildsInShort } from './in-short.ts';
import { findTests } from './search.ts';
import { baselinesOf } from './store/baseline.ts';
import { buildSummary, verdictOf } from './summary.ts';

let database: TestDatabase;
let fixture: Fixture;
let version = 0;

beforeAll(async () => {
  database = await testDatabase();
  fixture = await createFixture(database.db);
});
afterAll(async () => await database?.close());

/** A build whose environments each ran one job, given as tests by environment. */
async function build(environments: Record<string, Record<string, string>>, suite = 'parser/quotes') {
  const build_id = await fixture.build(`build ${++version}`);
  for (const [environment, tests] of Object.entries(environments)) {
    await fixture.ingest(await fixture.run(build_id, 'test', environment), junitOf(suite, tests));
  }
  return build_id;
}

async function compare(from: Awaited<ReturnType<typeof build>>, to: Awaited<ReturnType<typeof build>>) {
  return await compareBuilds(database.db, { project_id: fixture.project_id, from, to });
}

describe('compareBuilds', () => {
  it('tells regressions, fixes, new and gone tests, and where', async () => {
    const from = await build({
      jammy: { stays: 'pass', breaks: 'pass', mends: 'fail', goes: 'pass', skipped: 'skip' },
      noble: { stays: 'pass', breaks: 'pass', mends: 'pass', goes: 'pass', skipped: 'pass' },
    });
    const to = await build({
      jammy: { stays: 'pass', breaks: 'fail', mends: 'pass', comes: 'pass', skipped: 'fail' },
      noble: { stays: 'pass', breaks: 'pass', mends: 'pass', comes: 'pass', skipped: 'skip' },
    });
    const comparison = await compare(from, to);
    expect(comparison.counts).toEqual({ regression: 1, fix: 1, new: 1, gone: 1, flaky: 0 });
    expect(comparison.changes.map((change) => [change.kind, change.where, change.name])).toEqual([
      ['regression', 'jammy', 'breaks'],
      ['fix', 'jammy', 'mends'],
      ['new', 'both', 'comes'],
      ['gone', 'both', 'goes'],
    ]);
    expect(comparison.changes[0]).toMatchObject({
      ...{ suite: 'parser/quotes', from_status: 'pass', to_status: 'fail', message: 'breaks broke' },
      ...{ location: 'parser.test.js:41', attempts: 1, failed_attempts: 1 },
    });
    expect(comparison.environments).toMatchObject([
      { environment: 'jammy', from_tests: 5, to_tests: 5, counts: { regression: 1, fix: 1 } },
      { environment: 'noble', from_tests: 5, to_tests: 5, counts: { regression: 0 } },
    ]);
  });

  it('names the job where an environment has several, and says both only of exactly two places', async () => {
    const sized = async (sizes: Record<string, Record<string, string>>, environments = ['default']) => {
      const build_id = await fixture.build(`build ${++version}`);
      for (const environment of environments) {
        for (const [size, tests] of Object.entries(sizes)) {
          await fixture.ingest(await fixture.run(build_id, `test (${size})`, environment), junitOf('sized', tests));
        }
      }
      return build_id;
    };
    const good = { s: 'pass', t: 'pass' };
    const wheres = async (...builds: Parameters<typeof compare>) =>
      (await compare(...builds)).changes.map(({ where, name, jobs }) => [where, name, jobs.length]);
    const two = await sized({ small: good, large: good });
    expect(await wheres(two, await sized({ small: good, large: { s: 'pass', t: 'fail' } }))).toEqual([
      ['test (large)', 't', 1],
    ]);
    expect(await wheres(two, await sized({ small: { s: 'pass' }, large: { s: 'pass' } }))).toEqual([['both', 't', 2]]);
    const three = await sized({ small: good, middle: good, large: good });
    const broken = { s: 'fail', t: 'fail' };
    expect(await wheres(three, await sized({ small: good, middle: broken, large: { s: 'pass', t: 'fail' } }))).toEqual([
      ['test (middle)', 's', 1],
      ['test (large), test (middle)', 't', 2],
    ]);
    const places = ['jammy', 'noble'];
    const four = await sized({ small: good, large: good }, places);
    const later = await sized({ small: good, large: { s: 'fail', t: 'pass' } }, places);
    expect(await wheres(four, later)).toEqual([['test (large)', 's', 1]]);
    expect(await wheres(four, await sized({ small: { s: 'fail', t: 'pass' }, large: broken }, places))).toEqual([
      ['all', 's', 2],
      ['test (large)', 't', 1],
    ]);
    const { project_id } = fixture;
    const history = await testHistory(database.db, { project_id, suite: 'sized', name: 't', limit: 2 });
    expect(history.environments).toEqual(
      ['jammy', 'noble'].flatMap((environment) => [`${environment} test (large)`, `${environment} test (small)`]),
    );
    expect(history.builds[0]?.cells.map((cell) => cell.status)).toEqual(['fail', 'pass', 'fail', 'pass']);
  });

  it('never counts a flaky test as a regression or a fix, and says again that it stays flaky', async () => {
    const builds = [];
    for (const attempts of [
      ['fail', 'pass'],
      ['fail', 'pass'],
      ['fail', 'fail'],
      ['pass', 'pass'],
    ]) {
      const build_id = await fixture.build(`build ${++version}`);
      const run = await fixture.run(build_id, 'test', 'jammy');
      await fixture.ingest(run, ...attempts.map((status) => junitOf('queue', { order: status })));
      builds.push(build_id);
    }
    const [first, second, third, fourth] = builds as [never, never, never, never];
    expect((await compare(first, second)).changes).toMatchObject([
      { kind: 'flaky', from_status: 'flaky', to_status: 'flaky', attempts: 2, failed_attempts: 1 },
    ]);
    expect((await compare(second, third)).counts).toMatchObject({ regression: 0, flaky: 1 });
    expect((await compare(second, fourth)).counts).toMatchObject({ fix: 0, flaky: 0 });
    expect((await compare(fourth, second)).counts).toMatchObject({ regression: 0, flaky: 1 });
  });

  it('follows tests from job to job, and calls missing what has no results', async () => {
    const [from, to] = [await fixture.build('a'), await fixture.build('b')];
    await fixture.ingest(await fixture.run(from, 'shard 1', 'jammy'), junitOf('s', { a: 'pass', b: 'pass' }));
    await fixture.ingest(await fixture.run(from, 'shard 2', 'jammy'), junitOf('s', { c: 'pass' }));
    await fixture.ingest(await fixture.run(from, 'lint', 'jammy'), junitOf('lint', { x: 'pass', y: 'pass' }));
    await fixture.ingest(await fixture.run(to, 'shard 1', 'jammy'), junitOf('s', { a: 'pass' }));
    await fixture.ingest(await fixture.run(to, 'shard 2', 'jammy'), junitOf('s', { b: 'fail', c: 'pass' }));
    await fixture.run(to, 'lint', 'jammy', 'infra');
    const comparison = await compare(from, to);
    expect(comparison.counts).toEqual({ regression: 1, fix: 0, new: 0, gone: 0, flaky: 0 });
    expect(comparison.changes).toMatchObject([{ kind: 'regression', name: 'b' }]);
    expect(comparison.missing).toEqual([{ environment: 'jammy', job: 'lint', missing_in: 'to', tests: 2 }]);
  });

  it('says why nothing was compared, and names what only one of them has', async () => {
    const jammy = await build({ jammy: { a: 'pass' } });
    const noble = await build({ noble: { a: 'fail', b: 'pass' } });
    const empty = await fixture.build(`build ${++version}`);
    await fixture.run(empty, 'test', 'jammy', 'infra');
    const none = await compare(jammy, noble);
    expect(none).toMatchObject({ environments: [], changes: [], counts: { regression: 0, new: 0, gone: 0 } });
    expect(none.missing).toEqual([
      { environment: 'jammy', job: 'test', missing_in: 'to', tests: 1 },
      { environment: 'noble', job: 'test', missing_in: 'from', tests: 2 },
    ]);
    const names = [none.from.version, none.to.version, `build ${version}`];
    expect(none.nothing_compared).toBe(`${names[0]} ran in jammy, ${names[1]} in noble, and no environment is in both`);
    expect((await compare(jammy, empty)).nothing_compared).toBe(`${names[2]} has no test results`);
    const both = await build({ jammy: { a: 'pass' }, noble: { a: 'pass' } });
    const part = await compare(jammy, both);
    expect(part).toMatchObject({ nothing_compared: null, environments: [{ environment: 'jammy' }], unfinished: [] });
    expect(part.missing).toEqual([{ environment: 'noble', job: 'test', missing_in: 'from', tests: 1 }]);
  });

  it('names the runs whose results are still to come', async () => {
    const from = await build({ jammy: { a: 'pass' } });
    const to = await fixture.build(`build ${++version}`);
    const runs = [await fixture.run(to, 'read', 'jammy'), await fixture.run(to, 'slow', 'jammy')];
    const { db } = database;
    await db.updateTable('builds').set({ finished_at: null }).where('id', '=', to).execute();
    await db.updateTable('runs').set({ results_pending: true }).where('id', '=', runs[0]!).execute();
    await inAnyState(db, (tx) =>
      tx.updateTable('runs').set({ state: 'running', verdict: null }).where('id', '=', runs[1]!).execute(),
    );
    const comparison = await compare(from, to);
    expect(comparison.unfinished).toEqual([
      { build: 'to', environment: 'jammy', job: 'read', run_id: runs[0], state: 'results' },
      { build: 'to', environment: 'jammy', job: 'slow', run_id: runs[1], state: 'running' },
    ]);
    expect(comparison.nothing_compared).toBe(`build ${version} is not finished and has no test results yet`);
  });

  it('refuses to compare a build with itself', async () => {
    const one = await build({ jammy: { a: 'pass' } });
    await expect(compare(one, one)).rejects.toMatchObject({ code: 'GC1709' });
  });

  it('refuses a build of another project', async () => {
    const from = await build({ jammy: { a: 'pass' } });
    await expect(compareBuilds(database.db, { project_id: 999 as never, from, to: from })).rejects.toMatchObject({
      code: 'GC1707',
    });
  });
});

describe('buildSummary', () => {
  it('sums up environments, and names the finished build before', async () => {
    const before = await build({ jammy: { a: 'pass' } });
    const build_id = await build({ jammy: { a: 'fail' }, noble: { a: 'pass', b: 'skip' } });
    await fixture.run(build_id, 'extra', 'noble', 'infra');
    const summary = await buildSummary(database.db, build_id);
    expect(summary.baseline?.build_id).toBe(before);
    expect(summary).toMatchObject({ tests: 3, counts: { pass: 1, fail: 1, skip: 1 } });
    expect(summary.environments).toMatchObject([
      { environment: 'jammy', verdict: 'passed', tests: 1 },
      { environment: 'noble', verdict: 'infra', tests: 2, jobs: [{ job: 'extra', counts: null }, { job: 'test' }] },
    ]);
  });
});

describe('buildsInShort', () => {
  it('says of many builds what the summary of each says, and counts a job done again once', async () => {
    const builds = [await build({ jammy: { a: 'pass' }, noble: { a: 'fail', b: 'skip' } }), await build({})];
    const again = await build({ jammy: { a: 'fail' } });
    await fixture.ingest(await fixture.run(again, 'test', 'jammy'), junitOf('parser/quotes', { a: 'pass', b: 'pass' }));
    const other = await fixture.run(again, 'other', 'jammy', 'infra');
    // Its next attempt speaks for the job.
    await inAnyState(database.db, (tx) =>
      sql`insert into runs (job_id, attempt, state, verdict, results_pending)
      select job_id, 2, state, 'cancelled', false from runs where id = ${other}`.execute(tx),
    );
    builds.push(again);
    const { project_id } = fixture;
    const short = await buildsInShort(
      database.db,
      builds.map((build_id) => ({ build_id, project_id })),
    );
    for (const build_id of builds) {
      const { verdict, counts, tests, baseline, environments } = await buildSummary(database.db, build_id);
      expect(short.get(build_id)).toEqual({
        ...{ verdict, counts, tests, baseline },
        environments: environments.map(({ environment, verdict, counts, tests }) => ({
          ...{ environment, verdict, counts, tests },
        })),
      });
    }
    expect(short.get(again)).toMatchObject({ verdict: 'cancelled', tests: 2, baseline: { build_id: builds[0] } });
  });
});

describe('the verdict', () => {
  it.each([
    [['passed', 'passed'], 'passed'],
    [['passed', 'infra'], 'infra'],
    [['infra', 'cancelled'], 'infra'],
    [['passed', 'cancelled', 'skipped'], 'cancelled'],
    [['passed', 'skipped'], 'skipped'],
    [['infra', 'running'], 'running'],
    [['running', 'timeout'], 'failed'],
    [['cancelled', 'failed'], 'failed'],
    [[], 'skipped'],
  ])('of %j is %s', (words, verdict) => {
    expect(verdictOf(words)).toBe(verdict);
  });

  it('of a build is that of all its environments', async () => {
    const build_id = await build({ jammy: { a: 'pass' } });
    expect((await buildSummary(database.db, build_id)).verdict).toBe('passed');
    await fixture.run(build_id, 'test', 'noble', 'infra');
    expect(await buildSummary(database.db, build_id)).toMatchObject({
      ...{ verdict: 'infra', environments: [{ verdict: 'passed' }, { verdict: 'infra' }] },
    });
  });
});

describe('the baseline', () => {
  it('is never a build whose runs left no results, or one that goes on', async () => {
    const good = await build({ jammy: { a: 'pass', b: 'pass' } });
    const refused = await fixture.build(`build ${++version}`);
    await fixture.run(refused, 'test', 'jammy', 'infra');
    const empty = await build({ jammy: {} });
    const open = await build({ jammy: { a: 'pass', b: 'pass' } });
    await database.db.updateTable('builds').set({ finished_at: null }).where('id', '=', open).execute();
    const broken = await build({ jammy: { a: 'pass', b: 'fail' } });
    const baseline = (await buildSummary(database.db, broken)).baseline?.build_id as typeof good;
    expect(baseline).toBe(good);
    expect((await compare(baseline, broken)).counts.regression).toBe(1);
    const { project_id } = fixture;
    const all = [broken, open, empty, refused, good].map((build_id) => ({ build_id, project_id }));
    const baselines = await baselinesOf(database.db, all);
    expect([broken, open, empty, refused].map((build_id) => baselines.get(build_id)?.build_id)).toEqual([
      ...[good, good, good, good],
    ]);
    const first = await database.db.selectFrom('builds').select('id').orderBy('id').executeTakeFirstOrThrow();
    expect((await baselinesOf(database.db, [{ build_id: first.id, project_id }])).size).toBe(0);
  });
});

describe('testHistory', () => {
  it('shows one test over builds and environments, and since when it fails', async () => {
    const suite = 'clock/zones';
    const name = 'Lisbon has summer time';
    const versions = [];
    for (const status of ['pass', 'pass', 'fail', 'skip', 'fail']) {
      await build({ jammy: { [name]: status, other: 'pass' }, noble: { other: 'pass' } }, suite);
      versions.push(`build ${version}`);
    }
    const history = await testHistory(database.db, { project_id: fixture.project_id, suite, name, limit: 5 });
    expect(history.environments).toEqual(['jammy']);
    expect(history.builds.map(({ build, cells }) => [build.version, cells[0]?.status])).toEqual(
      [...versions].reverse().map((version, index) => [version, ['fail', 'skip', 'fail', 'pass', 'pass'][index]]),
    );
    expect(history.builds[0]?.cells[0]?.duration_ms).toBeCloseTo(12, -0.5);
    expect(history.trends).toEqual([
      { environment: 'jammy', first_failed_in: versions[2], last_passed_in: versions[1], flaky: 0, sample: 5 },
    ]);
    const unknown = await testHistory(database.db, { project_id: fixture.project_id, suite, name: 'none', limit: 5 });
    expect(unknown).toMatchObject({ builds: [], environments: [] });
  });
});

describe('findTests', () => {
  it('finds tests of the newest runs by parts of their names', async () => {
    await build({ jammy: { 'Nested Quotes survive': 'pass', 'unicode quotes': 'pass', lines: 'pass' } }, 'search/me');
    const { project_id } = fixture;
    expect(await findTests(database.db, { project_id, text: 'QUOTES search/ME', limit: 10 })).toEqual([
      { suite: 'search/me', name: 'Nested Quotes survive' },
      { suite: 'search/me', name: 'unicode quotes' },
    ]);
    expect(await findTests(database.db, { project_id, text: 'search/me', limit: 1 })).toHaveLength(1);
  });
});
