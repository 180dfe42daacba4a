import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { testDatabase } from './testing/database.ts';

test('a database of its own, with 64-bit integers as numbers and bytes as buffers', async () => {
  const connection = await testDatabase();
  try {
    const answer = await sql<{
      big: number;
      bytes: Buffer;
    }>`select 5000000000::bigint as big, '\\x00ff'::bytea as bytes`.execute(connection.db);
    expect(answer.rows).toEqual([{ big: 5_000_000_000, bytes: Buffer.from([0, 255]) }]);
    expect(await connection.db.selectFrom('alive_clock').select('alive_ms').execute()).toEqual([{ alive_ms: 0 }]);
  } finally {
    await connection.close();
  }
});
