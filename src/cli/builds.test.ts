import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dateFrom } from '../base/clock.ts';
import type { BuildId, RunId } from '../base/ids.ts';
import { createFixture, type Fixture, junitOf } from '../results/testing/fixture.ts';
import { type ScratchServer, startScratch } from '../server/testing/scratch-server.ts';
import { inAnyState } from '../store/testing/states.ts';
import { type CommandResult, runCommand } from './testing/run-command.ts';

/** Builds as rows: nothing runs here, so that each is in the state that a test is about. */
let server: ScratchServer;
let fixture: Fixture;

beforeAll(async () => {
  server = await startScratch({ roles: new Set(['api']) });
  fixture = await createFixture(server.running.services.connection.db);
}, 60_000);
afterAll(() => server?.close());

function run(line: string): Promise<CommandResult> {
  const environment = { GROUNDCREW_DATA: join(server.directory, 'data') };
  return runCommand(line.split(' '), { environment, directory: server.directory });
}

/** A build of one job in each environment: its tests, or the verdict of a run that left none. */
async function build(version: string, environments: Record<string, Record<string, string> | string>): Promise<BuildId> {
  const build_id = await fixture.build(version);
  for (const [environment, what] of Object.entries(environments)) {
    if (typeof what === 'string') await fixture.run(build_id, 'main', environment, what);
    else {
      const verdict = Object.values(what).includes('fail') ? 'failed' : 'passed';
      await fixture.ingest(await fixture.run(build_id, 'main', environment, verdict), junitOf('suite', what));
    }
  }
  return build_id;
}

/** A run of a finished build goes on after all. */
async function reopen(build_id: BuildId, job = 'late', environment = 'jammy'): Promise<RunId> {
  const { db } = server.running.services.connection;
  const run_id = await fixture.run(build_id, job, environment);
  await inAnyState(db, (tx) =>
    tx.updateTable('runs').set({ state: 'running', verdict: null }).where('id', '=', run_id).execute(),
  );
  await db.updateTable('builds').set({ finished_at: null }).where('id', '=', build_id).execute();
  return run_id;
}

describe('build list and build show', () => {
  test('say what a build came to, never finished alone', async () => {
    await build('well', { jammy: { a: 'pass' } });
    await build('bad', { jammy: { a: 'fail', b: 'pass' }, noble: { a: 'pass' } });
    await build('spoilt', { jammy: 'infra' });
    await build('unwanted', { jammy: 'cancelled' });
    await reopen(await build('busy', { jammy: { a: 'pass' } }));
    const { stdout } = await run('build list');
    const rows = stdout.split('\n').map((line) => line.replace(/ +\d+ ?(ms|s|min) +/, ' AGE ').replace(/ +/g, ' '));
    expect(rows[0]).toBe('Build state project version age tests');
    expect(rows.slice(1, -1).map((row) => row.trim().slice(2))).toEqual([
      '▸ going on acme/widget busy AGE 1 ✓',
      '− cancelled acme/widget unwanted AGE –',
      '! infra acme/widget spoilt AGE –',
      '✗ failed acme/widget bad AGE 2 ✓ 1 ✗',
      '✓ passed acme/widget well AGE 1 ✓',
    ]);
    for (const [version, said] of [
      ['busy', '▸ going on: 1 running   1 test: 1 passed'],
      ['spoilt', '! infra   no test results'],
      ['bad', '✗ failed   3 tests: 2 passed  1 failed'],
    ] as const) {
      expect((await run(`build show acme/widget@${version}`)).stdout).toContain(`\n  ${said}\n`);
    }
  });
});

describe('build compare', () => {
  const compare = (to: string, from: string): Promise<CommandResult> =>
    run(`build compare acme/widget@${to} --from ${from} --fail-on-regression`);

  beforeAll(async () => {
    await build('good', { jammy: { a: 'pass', b: 'pass' } });
    await build('empty', { jammy: 'infra' });
    await build('elsewhere', { noble: { a: 'pass' } });
    await build('same', { jammy: { a: 'pass', b: 'pass' } });
  });

  test('says "Nothing changed." of what was compared, and only of that', async () => {
    expect(await compare('same', 'good')).toEqual({
      ...{ status: 0, stderr: '' },
      stdout: 'acme/widget@good → acme/widget@same\n  Nothing changed.\n',
    });
    const empty = await compare('empty', 'good');
    expect(empty.stdout).toBe(
      [
        'acme/widget@good → acme/widget@empty',
        '  Nothing could be compared: empty has no test results.',
        '! empty has no results of main in jammy: 2 tests are not compared',
        '',
      ].join('\n'),
    );
    expect(empty.status).toBe(4);
    expect(empty.stderr).toContain('Whether there is a regression cannot be told, since nothing could be compared.');
    const elsewhere = await compare('elsewhere', 'good');
    expect(elsewhere.stdout).toContain(
      'Nothing could be compared: good ran in jammy, elsewhere in noble, and no environment is in both.\n' +
        '! elsewhere has no results of main in jammy: 2 tests are not compared\n' +
        '! good has no results of main in noble: 1 test is not compared\n',
    );
    expect(elsewhere.status).toBe(4);
    expect((await run('build compare acme/widget@empty --from good')).status).toBe(0);
  });

  test('promises nothing while a build goes on, and names the runs', async () => {
    const open = await build('open', { jammy: { a: 'pass', b: 'pass' } });
    const late = await reopen(open);
    const result = await compare('open', 'good');
    expect(result.stdout).toContain(
      `  Nothing changed so far.\n! open is not finished, it waits for run ${late} (jammy, late: running)\n`,
    );
    expect(result.status).toBe(4);
    expect(result.stderr).toContain('since open is not finished.');
    const broken = await build('broken', { jammy: { a: 'pass', b: 'fail' } });
    await reopen(broken);
    expect((await compare('broken', 'good')).status).toBe(3);
  });

  test('is not offered where nothing could be compared', async () => {
    await build('offer-0', { jammy: { a: 'pass' } });
    const offer = /What changed since|build compare|to compare with/;
    await build('offer-1', { jammy: { a: 'pass' } });
    expect((await run('build show acme/widget@offer-1')).stdout).toMatch(offer);
    await build('offer-2', { jammy: 'failed' });
    expect((await run('build compare acme/widget@offer-2')).stdout).toContain('Nothing could be compared');
    expect((await run('build show acme/widget@offer-2')).stdout).not.toMatch(offer);
    await build('offer-3', { moon: { a: 'pass' } });
    expect((await run('build compare acme/widget@offer-3')).stdout).toContain('Nothing could be compared');
    expect((await run('build show acme/widget@offer-3')).stdout).not.toMatch(offer);
  });

  test('tells how builds are named', async () => {
    expect((await run('build compare good')).stderr).toMatch(
      /^GC1047 {2}There is no build good: builds are named PROJECT@VERSION, or by their number\. Did you mean acme\/widget@good\?/,
    );
    expect((await run('build show none')).stderr).toMatch(/^GC1047 .* by their number\.\n/);
  });

  test('refuses a build and itself', async () => {
    const result = await compare('good', 'good');
    expect(result.status).toBe(1);
    expect(result.stderr).toContain('GC1709  Cannot compare the build good with itself.');
  });
});

describe('run show', () => {
  /** A finished run with this log, or one that never ran; it ended a while before it was finished. */
  async function shown(log: { bytes: number; lines: number } | null): Promise<string> {
    const { db } = server.running.services.connection;
    const run_id = await fixture.run(await fixture.build(`of log ${JSON.stringify(log)}`), 'main', 'jammy', 'failed');
    const [queued_at, ended_at, finished_at] = [1000, 3000, 5000].map(dateFrom) as [Date, Date, Date];
    const started_at = log === null ? null : dateFrom(2000);
    const told = { state: 'failed', reason: 'a step failed', log_bytes: log?.bytes ?? 0, durations_ms: {} };
    const outcome = log === null ? null : JSON.stringify(told);
    const times = { queued_at, started_at, ended_at, finished_at };
    await db
      .updateTable('runs')
      .set({ ...times, outcome })
      .where('id', '=', run_id)
      .execute();
    if (log !== null)
      await db
        .insertInto('run_logs')
        .values({ run_id, ...log, blob: 'logs/x' })
        .execute();
    return (await run(`run show ${run_id}`)).stdout;
  }

  test('says of the log what there is, and no time of results that never were', async () => {
    const never = await shown(null);
    expect(never).toContain('\n  log: none, since it never ran\n');
    expect(never).not.toContain('results');
    const empty = await shown({ bytes: 0, lines: 0 });
    expect(empty).toContain('\n  log: empty\n');
    expect(empty).toContain('results\u00a02.0\u00a0s');
    expect(await shown({ bytes: 9, lines: 1 })).toMatch(/\n {2}log: 9 B, 1 line: groundcrew run log \d+\n/);
    expect(await shown({ bytes: 9, lines: 2 })).toContain(', 2 lines: ');
  });
});

describe('test history', () => {
  test('has a dash where the test did not run', async () => {
    await build('both', { jammy: { gap: 'pass' }, noble: { gap: 'pass' } });
    await build('one', { jammy: { gap: 'fail' }, noble: { other: 'pass' } });
    const { stdout } = await run('test history acme/widget suite gap --limit 2');
    expect(stdout).toContain('\n  jammy  ✗✓\n  noble  ·✓\n');
    expect(stdout).toContain('\n  jammy  fails since one, last passed in both\n  noble  passed in both\n');
    expect(stdout).toMatch(/\none +\d+ s +✗ fail.* {2}–\n/);
  });
});
