import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NodeId } from '../base/ids.ts';
import { translateDatabaseError } from '../store/connection-errors.ts';
import { type TestDatabase, testDatabase } from '../store/testing/database.ts';
import { inAnyState, stateTriggerProblem } from '../store/testing/states.ts';
import { canMove, NODE_FIRST_STATES, NODE_STATES, NODE_TRANSITIONS, type NodeState } from './state.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const insert = (state: NodeState) =>
  database.db.insertInto('nodes').values({
    id: 'n-1' as NodeId,
    provider: 'a',
    node_type: 'b',
    labels: [],
    state,
    plan_reason: 'a test',
    options: '{}',
  });

/** What a person is told of an error of the database; null: there was none. */
async function told(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => null,
    (error: unknown) => translateDatabaseError(error),
  );
}

test('the database enforces the states of this file, no more and no less', async () => {
  const rules = { table: 'nodes', first: NODE_FIRST_STATES, transitions: NODE_TRANSITIONS };
  expect(await stateTriggerProblem(database.db, rules)).toBeNull();
  const more = { ...rules, transitions: { ...NODE_TRANSITIONS, held: ['ready', 'deleting'] } };
  expect(await stateTriggerProblem(database.db, more)).toContain("when 'held' then new.state in ('ready', 'deleting')");
  expect(await stateTriggerProblem(database.db, { ...rules, first: ['ready'] })).toContain('Add a migration');
  // Looking has changed nothing.
  expect(await stateTriggerProblem(database.db, rules)).toBeNull();
});

test('whoever writes it, a node begins planned and goes only where a move leads', async () => {
  const { db } = database;
  for (const state of NODE_STATES.slice(1)) {
    const refused = await told(insert(state).execute());
    expect(refused).toMatchObject({ code: 'GC1225', message: expect.stringContaining(`cannot begin as ${state}`) });
  }
  await insert('planned').execute();
  for (const from of NODE_STATES) {
    for (const to of NODE_STATES) {
      await inAnyState(db, (tx) => sql`update nodes set state = ${from}`.execute(tx));
      const answer = await told(sql`update nodes set state = ${to}, console = ${to}`.execute(db));
      if (from === to || canMove(from, to)) expect([from, to, answer]).toEqual([from, to, null]);
      else {
        const message = expect.stringContaining(`n-1 of nodes cannot go from ${from} to ${to}`);
        expect(answer).toMatchObject({ code: 'GC1225', status: 500, message });
      }
    }
  }
});
