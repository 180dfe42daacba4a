import { expect, test } from 'vitest';
import { LockTrace, lockedTables } from './lock-trace.ts';

test('a statement locks what it changes, what it may meet, and what it reads for update', () => {
  expect(lockedTables(`update runs set state = 'queued' from alive_clock alive where id = $1`)).toEqual(['runs']);
  expect(lockedTables('update "builds" set "finished_at" = $1')).toEqual(['builds']);
  expect(lockedTables('delete from log_chunks where run_id = $1')).toEqual(['log_chunks']);
  expect(lockedTables('insert into runs (id) values ($1) returning id')).toEqual([]);
  expect(lockedTables('insert into a (id) values (1) on conflict (id) do update set id = 2')).toEqual(['a']);
  expect(lockedTables('with x as (insert into a select 1) insert into b select 2 on conflict do nothing')).toEqual([
    'b',
  ]);
  expect(lockedTables('select id from builds where id = $1 for no key update')).toEqual(['builds']);
  expect(lockedTables('select 1 from given join nodes as n on n.id = given.id order by 1 for update of n')).toEqual([
    'nodes',
  ]);
  expect(lockedTables('select id from nodes order by id for no key update skip locked')).toEqual([]);
  expect(lockedTables(`/* update a */ select 1 -- update b\n from c for share`)).toEqual(['c']);
});

test('a transaction that goes back in the order is named with both statements; one that keeps it is not', async () => {
  const trace = new LockTrace(['builds', 'nodes', 'runs']);
  const [one, other] = [{}, {}];
  const say = async (connection: object, ...texts: string[]) => {
    for (const text of texts) {
      const rows = Promise.resolve(text.includes('nothing') ? 0 : 1);
      trace.hear({ connection, text, rows });
      await rows;
    }
  };
  await say(one, 'begin', 'update builds set a = 1', 'update nodes set a = 1');
  await say(
    other,
    'begin',
    'update runs set nothing = 1',
    'update nodes set nothing = 1',
    'update runs set a = 1',
    'rollback to savepoint s',
    'select 1 from runs',
  );
  // What is locked already is not waited for, and nothing is held after the end.
  await say(one, 'update runs set a = 1', 'update builds set b = 2', 'commit', 'update builds set a = 1');
  expect(trace.problems).toEqual([]);
  await say(other, 'select nothing from nodes for update');
  expect(trace.problems).toEqual([
    'locks nodes after runs; LOCK_ORDER has them the other way round:\n  update runs set a = 1\nthen\n  select nothing from nodes for update',
  ]);
  await say(other, 'update tokens set a = 1', 'commit');
  expect(trace.problems[1]).toContain('locks rows of tokens, which is not in LOCK_ORDER');
});
