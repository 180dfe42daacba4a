import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { giveRun } from '../../assignments/testing/give.ts';
import type { RunId } from '../../base/ids.ts';
import { findBuild, findProject, listBuilds, listProjects, whatBuildWaitsFor } from '../../builds/store/list.ts';
import { type TestDatabase, testDatabase } from '../../store/testing/database.ts';
import { inAnyState } from '../../store/testing/states.ts';
import { countRunsByState } from './counts.ts';
import { runDetail } from './detail.ts';
import { listRuns, type RunFilter } from './list.ts';

let database: TestDatabase;
// Two projects; a: builds 1 and 2 (2 environments), b: build 1.
beforeAll(async () => {
  database = await testDatabase();
  const rows = `
    insert into projects (slug) values ('acme/a'), ('acme/b');
    insert into environments (project_id, name) values (1, 'jammy'), (1, 'noble'), (2, 'jammy');
    insert into builds (project_id, version, finished_at) values (1, 'v1', groundcrew_now()), (1, 'v2', null), (2, 'v1', null);
    insert into submissions (build_id, submitted_by) values (1, 'maria'), (2, 'tom'), (3, 'tom');
    insert into jobs (submission_id, build_id, environment_id, name, expression, spec)
      values (1, 1, 1, 'test', 'jammy', '{}'), (2, 2, 1, 'test', 'jammy', '{}'), (2, 2, 2, 'test', 'noble', '{}'),
        (3, 3, 3, 'test', 'jammy', '{}');
    insert into nodes (id, provider, node_type, labels, state, plan_reason) values
      ('n-00000001', 'local', 'jammy', '{jammy}', 'held', 'test'), ('n-00000002', 'local', 'jammy', '{jammy}', 'deleting', 'test');
    insert into runs (job_id, attempt, state, verdict, results_pending) values
      (1, 1, 'finished', 'passed', false), (2, 1, 'finished', 'infra', false),
      (2, 2, 'finished', 'failed', true), (3, 1, 'queued', null, false),
      (4, 1, 'waiting', null, false);
    insert into holds (node_id, run_id, owner, reason, expires_at) values
      ('n-00000001', 3, 'maria', 'failed', groundcrew_now() + interval '1 h'), ('n-00000002', 2, 'maria', 'over', groundcrew_now());`;
  await inAnyState(database.db, (tx) => sql.raw(rows).execute(tx));
  await giveRun(database.db, 2, 'n-00000002', { ended: true });
  await giveRun(database.db, 3, 'n-00000001', { ended: true });
});
afterAll(() => database.close());

describe('lists of runs', () => {
  const ids = async (filter: RunFilter, before: number | null = null, limit = 10) =>
    (await listRuns(database.db, filter, { before, limit })).map((run) => run.id);

  it('are filtered by every column that people name', async () => {
    expect(await ids({})).toEqual([5, 4, 3, 2, 1]);
    expect(await ids({ project: 'acme/a' })).toEqual([4, 3, 2, 1]);
    expect(await ids({ project: 'acme/a', build: 'v2' })).toEqual([4, 3, 2]);
    expect(await ids({ environment: 'noble' })).toEqual([4]);
    expect(await ids({ states: ['queued', 'waiting'] })).toEqual([5, 4]);
    expect(await ids({ verdicts: ['infra', 'passed'] })).toEqual([2, 1]);
    expect(await ids({ node_id: 'n-00000001' })).toEqual([3]);
    expect(await ids({ states: [] })).toEqual([]);
    expect(await ids({ run_ids: [] })).toEqual([]);
    expect(await ids({ run_ids: [1 as RunId, 5 as RunId], job: 'test' })).toEqual([5, 1]);
  });

  it('go page by page without a gap or a repeat, also when more comes meanwhile', async () => {
    const first = await ids({}, null, 2);
    await sql`insert into runs (job_id, attempt, state) values (4, 2, 'waiting')`.execute(database.db);
    const second = await ids({}, first.at(-1) as number, 2);
    const third = await ids({}, second.at(-1) as number, 2);
    expect([first, second, third]).toEqual([[5, 4], [3, 2], [1]]);
    await sql`delete from runs where job_id = 4 and attempt = 2`.execute(database.db);
  });

  it('tell whether the node is held now', async () => {
    const held = (await listRuns(database.db, {}, { before: null, limit: 10 })).filter((run) => run.held);
    expect(held.map((run) => run.id)).toEqual([3]);
  });

  it('lead to one run with its other attempts', async () => {
    const detail = await runDetail(database.db, 3 as RunId);
    expect(detail).toMatchObject({ run: { id: 3, build: 'v2' }, facts: { submitted_by: 'tom' }, log: null });
    expect(detail?.other_attempts).toEqual([{ id: 2, attempt: 1, verdict: 'infra' }]);
    expect(await runDetail(database.db, 99 as RunId)).toBeNull();
  });

  it('are counted by state', async () => {
    expect(await countRunsByState(database.db)).toEqual([
      { state: 'queued', count: 1 },
      { state: 'waiting', count: 1 },
    ]);
  });
});

describe('lists of builds', () => {
  it('are newest first, filtered, and paged', async () => {
    const { db } = database;
    const page = { before: null, limit: 10 };
    const named = async (...of: Parameters<typeof listBuilds>) =>
      (await listBuilds(...of)).map((build) => `${build.project}@${build.version}`);
    expect(await named(db, {}, page)).toEqual(['acme/b@v1', 'acme/a@v2', 'acme/a@v1']);
    expect(await named(db, { project: 'acme/a', version: 'v2' }, page)).toEqual(['acme/a@v2']);
    expect(await named(db, { finished: true }, page)).toEqual(['acme/a@v1']);
    expect(await named(db, { finished: false }, { before: 3, limit: 1 })).toEqual(['acme/a@v2']);
  });

  it('know what an open one waits for', async () => {
    const { db } = database;
    const [newest] = await listBuilds(db, { project: 'acme/a' }, { before: null, limit: 1 });
    expect(await whatBuildWaitsFor(db, newest!.id)).toEqual([
      { state: 'queued', count: 1 },
      { state: 'results', count: 1 },
    ]);
    expect((await findBuild(db, newest!.id))?.version).toBe('v2');
    expect(await findProject(db, 'acme/none')).toBeNull();
  });

  it('belong to projects, by name', async () => {
    const all = await listProjects(database.db, { after: null, limit: 10 });
    expect(all).toMatchObject([
      { slug: 'acme/a', builds: 2, last_build: 'v2' },
      { slug: 'acme/b', builds: 1 },
    ]);
    expect(await listProjects(database.db, { after: 'acme/a', limit: 1 })).toMatchObject([{ slug: 'acme/b' }]);
  });
});
