import { sql } from 'kysely';
import pg from 'pg';
import { expect, test } from 'vitest';
import type { NodeId } from '../base/ids.ts';
import { secretHash } from '../base/random.ts';
import { migrate } from '../store/migrate.ts';
import { MIGRATIONS } from '../store/migrations/all.ts';
import { emptyTestDatabase } from '../store/testing/database.ts';
import { registerAgent, spendToken } from './store/agent.ts';
import { leaveNodes } from './store/leave.ts';

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

test('nodes that a backup of before leaves behind leave no token', async () => {
  const database = await emptyTestDatabase();
  const { db } = database;
  for (const last of ['0012-keys-by-caller', '0013-tokens-of-launches']) {
    await migrate(database, MIGRATIONS.slice(0, MIGRATIONS.findIndex(({ name }) => name === last) + 1));
    const columns =
      last === '0012-keys-by-caller' ? 'registration_hash, earlier_registration_hash' : 'registration_hashes';
    const hashes = last === '0012-keys-by-caller' ? `sha256('a'), sha256('b')` : `array[sha256('a')]`;
    await sql
      .raw(`insert into nodes (id, provider, node_type, labels, options, state, plan_reason, ${columns})
        values ('${last}', 'a', 'small', '{}', '{}', 'launching', 'a test', ${hashes})`)
      .execute(db);
    await leaveNodes({
      query: async (text, values = []) => {
        const client = new pg.Client(database.client_config);
        await client.connect();
        return await client.query<Record<string, unknown>>(text, values).finally(() => client.end());
      },
    });
  }
  const { rows } = await sql`select distinct state, registration_hashes from nodes`.execute(db);
  expect(rows).toEqual([{ state: 'deleted', registration_hashes: null }]);
  await database.close();
});
