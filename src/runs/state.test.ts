import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { testDatabase } from '../store/testing/database.ts';
import { inAnyState, stateTriggerProblem } from '../store/testing/states.ts';
import { RUN_FIRST_STATES, RUN_TRANSITIONS } from './state.ts';

test('the database enforces the states of this file, no more and no less', async () => {
  const database = await testDatabase();
  const rules = { table: 'runs', first: RUN_FIRST_STATES, transitions: RUN_TRANSITIONS };
  expect(await stateTriggerProblem(database.db, rules)).toBeNull();
  const insert = sql`insert into runs (job_id, state, verdict) values (1, 'finished', 'passed')`;
  await expect(insert.execute(database.db)).rejects.toThrow('a row of runs cannot begin as finished');
  await inAnyState(database.db, (tx) => insert.execute(tx));
  const again = sql`update runs set state = 'queued', verdict = null`.execute(database.db);
  await expect(again).rejects.toThrow('of runs cannot go from finished to queued');
  await database.close();
});
