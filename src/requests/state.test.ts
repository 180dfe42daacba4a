import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { testDatabase } from '../store/testing/database.ts';
import { stateTriggerProblem } from '../store/testing/states.ts';
import { REQUEST_FIRST_STATES, REQUEST_TRANSITIONS } from './state.ts';

test('the database enforces the states of this file, no more and no less', async () => {
  const database = await testDatabase();
  const rules = { table: 'requests', first: REQUEST_FIRST_STATES, transitions: REQUEST_TRANSITIONS };
  expect(await stateTriggerProblem(database.db, rules)).toBeNull();
  await sql`insert into requests (expressions, requester) values ('{jammy}', 'test')`.execute(database.db);
  await sql`update requests set state = 'cancelled'`.execute(database.db);
  const again = sql`update requests set state = 'waiting'`.execute(database.db);
  await expect(again).rejects.toThrow('1 of requests cannot go from cancelled to waiting');
  await database.close();
});
