import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { migrate } from '../store/migrate.ts';
import { MIGRATIONS } from '../store/migrations/all.ts';
import { emptyTestDatabase } from '../store/testing/database.ts';
import { inAnyState } from '../store/testing/states.ts';

/** A deployment at work, as it was before assignments had a table: each run in another place of its life. */
const BEFORE = `
  insert into projects (slug) values ('acme/widget');
  insert into environments (project_id, name) values (1, 'jammy');
  insert into builds (project_id, version) values (1, '1');
  insert into submissions (build_id, submitted_by) values (1, 'maria');
  insert into jobs (submission_id, build_id, environment_id, name, expression, spec)
    select 1, 1, 1, 'job' || number, 'jammy', '{}' from generate_series(1, 8) number;
  insert into nodes (id, provider, node_type, labels, options, state, plan_reason, session_epoch, request_id)
    select id, 'a', 'small', '{}', '{}', state, 'a test', epoch, request_id from (values
      ('offered', 'assigned', 2, 1), ('runs', 'running', 3, 2), ('frozen', 'running', 1, 3), ('late', 'held', 1, 4),
      ('done', 'deleted', 4, 5), ('silent', 'deleted', 1, 6), ('again', 'running', 1, 7), ('queued', 'deleted', 1, 8),
      ('asked', 'assigned', 1, 10), ('other', 'assigned', 5, 10), ('left', 'deleted', 1, 11)
    ) as given (id, state, epoch, request_id);
  insert into requests (expressions, requester, state, run_id, node_ids, ended_at)
    select array_fill('jammy'::text, array[cardinality(node_ids)]), 'maria', 'fulfilled', run_id, node_ids, groundcrew_now()
    from (values (1, 1, '{offered}'::text[]), (2, 2, '{runs}'), (3, 3, '{frozen}'), (4, 4, '{late}'), (5, 5, '{done}'),
      (6, 6, '{silent}'), (7, 6, '{again}'), (8, 7, '{queued}'), (9, 7, '{forgotten}'), (10, null, '{asked,other}'),
      (11, null, '{left}')) as given (id, run_id, node_ids) order by id;
  insert into requests (expressions, requester, run_id) values ('{jammy}', 'maria', 7);
  insert into runs (job_id, state, verdict, node_id, fence, handouts, request_id, acknowledge_by_alive_ms,
      lease_until_alive_ms, finish_by_alive_ms, started_at, finished_at)
    select id, state, verdict, node_id, fence, handouts, request_id, acknowledge, lease, finish,
      case when lease is not null then groundcrew_now() end, case when verdict is not null then groundcrew_now() end
    from (values
      (1, 'assigned', null, 'offered', 1, 1, 1, 4000, null, null), (2, 'running', null, 'runs', 1, 1, 2, null, 9000, null),
      (3, 'finishing', null, 'frozen', 1, 1, 3, null, null, 7000), (4, 'finishing', null, 'late', 1, 1, 4, null, null, null),
      (5, 'finished', 'passed', 'done', 1, 1, 5, null, null, null), (6, 'running', null, 'again', 3, 2, 7, null, 9000, null),
      (7, 'queued', null, null, 4, 2, 12, null, null, null), (8, 'waiting', null, null, 0, 0, null, null, null, null)
    ) as given (id, state, verdict, node_id, fence, handouts, request_id, acknowledge, lease, finish) order by id;`;

test('what runs, nodes and requests said of who holds a node is carried over, with the fences that agents know', async () => {
  const database = await emptyTestDatabase();
  const { db } = database;
  const before = MIGRATIONS.findIndex(({ name }) => name === '0018-assignments');
  await migrate(database, MIGRATIONS.slice(0, before));
  await inAnyState(db, (tx) => sql.raw(BEFORE).execute(tx));
  await migrate(database);
  const { rows } = await sql<Record<string, unknown>>`
    select node_id, kind, subject, ordinal, request_id, fence, epoch, state, acknowledge_by_alive_ms as acknowledge,
      lease_until_alive_ms as lease, (select id from runs where runs.assignment_id = assignments.id) as of_run
    from assignments order by kind desc, subject, fence, ordinal`.execute(db);
  const given = (node_id: string, subject: number, state: string, more: object = {}) => ({
    ...{ node_id, kind: 'run', subject, ordinal: 0, request_id: subject, fence: 1, epoch: 1, state },
    ...{ acknowledge: null, lease: null, of_run: subject },
    ...more,
  });
  expect(rows).toEqual([
    given('offered', 1, 'offered', { epoch: 2, acknowledge: 4000 }),
    given('runs', 2, 'active', { epoch: 3, lease: 9000 }),
    given('frozen', 3, 'active'),
    // Its results are late: the node is a person's already.
    given('late', 4, 'ended'),
    given('done', 5, 'ended', { epoch: 4 }),
    given('silent', 6, 'taken_back', { fence: 2, of_run: null }),
    given('again', 6, 'active', { request_id: 7, fence: 3, lease: 9000 }),
    // The second node that it was taken back from is forgotten by now.
    given('queued', 7, 'taken_back', { request_id: 8, fence: 2, of_run: null }),
    given('asked', 10, 'active', { kind: 'request', of_run: null }),
    given('other', 10, 'active', { kind: 'request', ordinal: 1, epoch: 5, of_run: null }),
    given('left', 11, 'ended', { kind: 'request', of_run: null }),
  ]);
  await database.close();
});
