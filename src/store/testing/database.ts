import pg from 'pg';
import { inject } from 'vitest';
import { randomName, systemRandom } from '../../base/random.ts';
import { clientConfigFor } from '../address.ts';
import { type ConnectOptions, type DatabaseConnection, openDatabase } from '../connect.ts';
import { TEMPLATE_DATABASE, type TestServer } from './server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    test_server: TestServer;
  }
}

/** A database of its own for a test, and where it is, for child processes. */
export interface TestDatabase extends DatabaseConnection {
  readonly address: TestServer;
}

/**
 * A migrated, empty database on the server that all test processes of a run share. Close it: that drops it.
 */
export async function testDatabase(options: ConnectOptions = {}): Promise<TestDatabase> {
  const server = inject('test_server');
  const database = `test_${randomName(systemRandom, 12)}`;
  await onServer(server, `create database ${database} template ${TEMPLATE_DATABASE}`);
  return openTestDatabase(server, database, options);
}

/** The same without any table. */
export async function emptyTestDatabase(options: ConnectOptions = {}): Promise<TestDatabase> {
  const server = inject('test_server');
  const database = `test_${randomName(systemRandom, 12)}`;
  await onServer(server, `create database ${database}`);
  return openTestDatabase(server, database, options);
}

async function openTestDatabase(server: TestServer, database: string, options: ConnectOptions): Promise<TestDatabase> {
  const address = { ...server, database };
  const connection = await openDatabase(address, options);
  return {
    ...connection,
    address,
    async close() {
      await connection.close();
      await onServer(server, `drop database if exists ${database} with (force)`);
    },
  };
}

async function onServer(server: TestServer, statement: string): Promise<void> {
  const client = new pg.Client(clientConfigFor({ ...server, database: 'postgres' }));
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
