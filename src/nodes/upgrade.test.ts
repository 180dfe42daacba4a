import { sql } from 'kysely';
import { expect, test } from 'vitest';
import type { NodeId } from '../base/ids.ts';
import { secretHash } from '../base/random.ts';
import { migrate } from '../store/migrate.ts';
import { MIGRATIONS } from '../store/migrations/all.ts';
import { emptyTestDatabase } from '../store/testing/database.ts';
import { registerAgent, spendToken } from './store/agent.ts';

test('machines that were launched before tokens of all launches counted register with either of theirs', async () => {
  const database = await emptyTestDatabase();
  const { db } = database;
  const before = MIGRATIONS.findIndex(({ name }) => name === '0013-tokens-of-launches');
  await migrate(database, MIGRATIONS.slice(0, before));
  const tokens = { twice: ['t-2', 't-1'], again: ['u-2', 'u-1'], once: ['v-1', null], spent: [null, null] } as const;
  for (const [name, [last, earlier]] of Object.entries(tokens)) {
    const hash = (token: string | null) => (token === null ? null : secretHash(token));
    await sql`insert into nodes (id, provider, node_type, labels, options, state, plan_reason, registration_hash,
        earlier_registration_hash)
      values (${name}, 'a', 'small', '{}', '{}', ${name === 'spent' ? 'checking' : 'launching'}, 'a test', ${hash(last)},
        ${hash(earlier)})`.execute(db);
  }
  await migrate(database);
  const register = async (token: string) => (await registerAgent(db, secretHash(token), secretHash(`s ${token}`)))?.id;
  expect(await register('t-1')).toBe('twice');
  expect(await register('t-2')).toBeUndefined();
  expect(await register('u-2')).toBe('again');
  expect(await register('u-1')).toBeUndefined();
  expect(await register('v-1')).toBe('once');
  await spendToken(db, 'once' as NodeId, 1);
  expect(await register('v-1')).toBeUndefined();
  const { rows } = await sql`select id from nodes where registration_hashes is null order by id`.execute(db);
  expect(rows).toEqual([{ id: 'once' }, { id: 'spent' }]);
  await database.close();
});
