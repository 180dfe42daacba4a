import { expect, test } from 'vitest';
import { testDatabase } from '../store/testing/database.ts';
import { stateTriggerProblem } from '../store/testing/states.ts';
import { ASSIGNMENT_FIRST_STATES, ASSIGNMENT_TRANSITIONS } from './state.ts';

test('the database enforces the states of this file, no more and no less', async () => {
  const database = await testDatabase();
  const rules = { table: 'assignments', first: ASSIGNMENT_FIRST_STATES, transitions: ASSIGNMENT_TRANSITIONS };
  expect(await stateTriggerProblem(database.db, rules)).toBeNull();
  await database.close();
});
