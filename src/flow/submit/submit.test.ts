import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isError } from '../../base/errors/error.ts';
import { contextOfRun } from '../../runs/store/context.ts';
import { countStatements } from '../../store/testing/statements.ts';
import { change, plannedJob, runRow, SUBMIT, submissionPlan, type TestFlow, testFlow } from '../testing/runs.ts';
import { submit } from './submit.ts';

let flow: TestFlow;
beforeAll(async () => {
  flow = await testFlow();
});
afterAll(() => flow.close());

describe('a submission', () => {
  it('queues what comes after nothing, with a request each, and lets the rest wait', async () => {
    const jobs = [
      plannedJob({ name: 'unit', environment: 'jammy' }),
      plannedJob({ name: 'unit', environment: 'noble' }),
      plannedJob({ name: 'deploy', after: ['unit'] }),
    ];
    const { runs } = await submit(flow, submissionPlan(jobs), SUBMIT);
    const rows = await Promise.all(runs.map((run) => runRow(flow, run)));
    expect(rows.map((row) => row.state)).toEqual(['queued', 'queued', 'waiting']);
    expect(rows.map((row) => row.request_id !== null)).toEqual([true, true, false]);
    const { rows: requests } = await sql`
      select run_id, expressions, requester from requests where run_id = any(${runs}::bigint[]) order by id`.execute(
      flow.connection.db,
    );
    expect(requests).toEqual(
      runs.slice(0, 2).map((run_id) => ({ run_id, expressions: ['jammy'], requester: 'maria' })),
    );
    const { rows: after } = await sql<{ count: number }>`
      select count(*)::int as count from job_dependencies`.execute(flow.connection.db);
    expect(after[0]?.count).toBe(2);
  });

  it('is told at once, job by job, what no node type of this server can run', async () => {
    const jobs = [plannedJob({ name: 'a' }), plannedJob({ name: 'b', expression: 'jamy' })];
    const { runs } = await submit(flow, submissionPlan(jobs), SUBMIT);
    const requests = flow.connection.db.selectFrom('requests').select(['state', 'reason']);
    expect(await requests.where('run_id', 'in', runs).orderBy('id').execute()).toEqual([
      { state: 'waiting', reason: null },
      { state: 'refused', reason: 'no node type carries jamy. Did you mean jammy?' },
    ]);
  });

  it('keeps nodes for whoever hands it in, where the file says "me"', async () => {
    const hold = { owner: 'me', duration_ms: 1000, keys: ['me', 'tom'] };
    const { runs } = await submit(flow, submissionPlan([plannedJob({ hold })]), SUBMIT);
    expect((await contextOfRun(flow.connection.db, runs[0]!))?.hold).toEqual({
      ...hold,
      owner: 'maria',
      keys: ['maria', 'tom'],
    });
  });

  it('gives the same answer to the same key, also to many at once, and opens nothing twice', async () => {
    const plan = submissionPlan([plannedJob()], 'keyed');
    const keyed = { ...SUBMIT, idempotency_key: 'key-1' };
    const answers = await Promise.all(Array.from({ length: 5 }, () => submit(flow, plan, keyed)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await submit(flow, plan, keyed)).toEqual(answers[0]);
    const other = submit(flow, submissionPlan([plannedJob({ name: 'other' })], 'keyed'), keyed);
    await expect(other).rejects.toSatisfy((error) => isError(error, 'GC1640'));
    const another = await submit(flow, plan, { ...keyed, submitted_by: 'jonas' });
    expect(another.submission_id).not.toBe(answers[0]?.submission_id);
  });

  it('leaves a build as it is when the answer is repeated, and opens it for new work', async () => {
    const finished = async () => {
      const { rows } = await sql<{ finished: boolean }>`
        select finished_at is not null as finished from builds where version = 'again'`.execute(flow.connection.db);
      return rows[0]?.finished;
    };
    const plan = submissionPlan([plannedJob()], 'again');
    await submit(flow, plan, { ...SUBMIT, idempotency_key: 'key-2' });
    await change(flow, `update builds set finished_at = groundcrew_now() where version = 'again'`);
    await submit(flow, plan, { ...SUBMIT, idempotency_key: 'key-2' });
    expect(await finished()).toBe(true);
    await submit(flow, plan, SUBMIT);
    expect(await finished()).toBe(false);
  });

  it.each([
    ['a project without a group', { ...submissionPlan(), project: 'widget' }],
    ['no job', submissionPlan([])],
    ['an unknown job before it', submissionPlan([plannedJob({ after: ['nope'] })])],
    ['a circle', submissionPlan([plannedJob({ name: 'a', after: ['b'] }), plannedJob({ name: 'b', after: ['a'] })])],
    ['a job twice', submissionPlan([plannedJob(), plannedJob()])],
    [
      'a checkout that did not come',
      submissionPlan([{ ...plannedJob(), spec: { ...plannedJob().spec, checkout: true } }]),
    ],
  ])('is refused with %s, and leaves nothing', async (_what, plan) => {
    const count = async () => {
      const { rows } = await sql`
        select (select count(*) from builds) as builds, (select count(*) from jobs) as jobs`.execute(
        flow.connection.db,
      );
      return rows;
    };
    const before = await count();
    await expect(submit(flow, plan, SUBMIT)).rejects.toSatisfy((error) => isError(error, 'GC1641'));
    expect(await count()).toEqual(before);
  });

  it('is refused when its jobs wait for each other more often than is sensible, in all combinations', async () => {
    const first = Array.from({ length: 150 }, (_, index) => plannedJob({ name: 'a', environment: `e${index}` }));
    const waiting = (length: number) =>
      Array.from({ length }, (_, index) => plannedJob({ name: `b${index}`, after: ['a', 'a'] }));
    await expect(submit(flow, submissionPlan([...first, ...waiting(134)]), SUBMIT)).rejects.toMatchObject({
      code: 'GC1641',
      message: expect.stringContaining('20100 times, and 20000 are the most'),
    });
    expect((await submit(flow, submissionPlan([...first, ...waiting(2)]), SUBMIT)).runs).toHaveLength(152);
  });
});

it('takes as many statements for a hundred jobs as for one', async () => {
  const submission = (count: number) => {
    const jobs = Array.from({ length: count }, (_, index) => [
      plannedJob({ name: `job${index}`, environment: `e${index % 7}` }),
      plannedJob({ name: `after${index}`, after: [`job${index}`], expression: index % 2 ? 'jammy' : 'jamy' }),
      plannedJob({ name: `mistyped${index}`, expression: 'jamy' }),
    ]);
    return submissionPlan(jobs.flat(), `statements-${count}`);
  };
  const counts: number[] = [];
  for (const count of [1, 10, 100]) {
    counts.push(
      await countStatements(async () => {
        const { runs } = await submit(flow, submission(count), SUBMIT);
        expect(runs).toEqual(runs.toSorted((left, right) => left - right));
        const { rows } = await sql<{ name: string }>`
        select jobs.name from runs join jobs on jobs.id = runs.job_id where runs.id = any(${runs}::bigint[])
        order by runs.id`.execute(flow.connection.db);
        expect(rows.map(({ name }) => name)).toEqual(submission(count).jobs.map(({ name }) => name));
      }),
    );
  }
  expect(new Set(counts).size).toBe(1);
});
