import { createServer } from 'node:net';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { describeCauses } from '../base/errors/error.ts';
import { checkVersion, openDatabase } from './connect.ts';
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

test('marked statements are planned once a connection, with their values', async () => {
  const connection = await testDatabase({ max_connections: 1 });
  for (const value of [1, 2]) {
    const answer = await sql<{ twice: number }>`/* prepared twice */ select ${value}::int * 2 as twice`.execute(
      connection.db,
    );
    expect(answer.rows).toEqual([{ twice: value * 2 }]);
  }
  const prepared = await sql<{ name: string }>`select name from pg_prepared_statements`.execute(connection.db);
  expect(prepared.rows).toEqual([{ name: 'twice' }]);
  await connection.close();
});

async function failureOf(url: string): Promise<{ code: string; message: string; all: string }> {
  const error = (await openDatabase({ url }).catch((caught: unknown) => caught)) as Error & { code: string };
  return { code: error.code, message: error.message, all: `${describeCauses(error)} ${JSON.stringify(error)}` };
}

test('what is wrong with an address is said plainly, and the password never', async () => {
  const cases: [string, string, string][] = [
    ['postgres://crew:s3cret@127.0.0.1:1/db', 'GC1201', '127.0.0.1:1/db'],
    ['postgres://crew:s3cret@no-such-host.invalid/db', 'GC1201', 'no-such-host.invalid'],
    ['mysql://crew:s3cret@localhost/db', 'GC1218', 'mysql:'],
    ['crew:s3cret@localhost', 'GC1218', ''],
    ['not a url s3cret', 'GC1218', 'not a URL'],
    ['postgres://crew:s3cret%@localhost/db', 'GC1218', '%'],
  ];
  for (const [url, code, words] of cases) {
    const failure = await failureOf(url);
    expect(failure.code, url).toBe(code);
    expect(failure.message).toContain(words);
    expect(failure.all).not.toContain('s3cret');
  }
});

test('a port at which something else listens is not waited for without end', async () => {
  const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  expect((await failureOf(`postgres://a:s3cret@127.0.0.1:${port}/db`)).code).toBe('GC1201');
  server.close();
});

test('a database that is not there is named', async () => {
  const connection = await testDatabase();
  const failure = await openDatabase({ ...connection.address, database: 'nowhere' }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'GC1203', message: expect.stringContaining('nowhere') });
  await connection.close();
});

test('a server older than 15 is refused, and 15 is not', () => {
  expect(() => checkVersion(150_000, '15.0', 'db:5432/crew')).not.toThrow();
  expect(() => checkVersion(140_013, '14.13', 'db:5432/crew')).toThrow(
    'db:5432/crew is PostgreSQL 14.13, which is too old',
  );
});
