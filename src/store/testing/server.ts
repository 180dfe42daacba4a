import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { systemClock } from '../../base/clock.ts';
import { createLog } from '../../base/log.ts';
import { clientConfigFor } from '../address.ts';
import { layoutOf } from '../embedded/cluster.ts';
import { isUnlocked } from '../embedded/lock.ts';
import { type EmbeddedPostgres, startEmbedded } from '../embedded/start.ts';
import { migrate } from '../migrate.ts';

/** What a test process needs to reach the shared server. */
export type TestServer = EmbeddedPostgres['address'];

export const TEMPLATE_DATABASE = 'template_groundcrew';
const PREFIX = 'groundcrew-test-postgres-';

/** A throw-away PostgreSQL with a migrated template database; fast, since nothing in it has to survive. */
export async function startTestServer(): Promise<{ server: TestServer; stop(): Promise<void> }> {
  removeLeftovers();
  const data_directory = mkdtempSync(join(tmpdir(), PREFIX));
  const embedded = await startEmbedded({
    ...{ data_directory, clock: systemClock, log: createLog('error'), unsafe_for_tests: true },
    settings: { max_connections: '300', autovacuum_naptime: '5s' },
  });
  const stop = async (): Promise<void> => {
    await embedded.stop();
    rmSync(data_directory, { recursive: true, force: true });
  };
  try {
    await makeTemplate(embedded.address);
    return { server: embedded.address, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function makeTemplate(address: TestServer): Promise<void> {
  const client = new pg.Client(clientConfigFor({ ...address, database: 'postgres' }));
  await client.connect();
  await client.query(`create database ${TEMPLATE_DATABASE}`);
  await client.end();
  await migrate({ client_config: clientConfigFor({ ...address, database: TEMPLATE_DATABASE }) });
}

/** Directories of test runs that were killed: nobody holds their locks any more. */
function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const directory = join(tmpdir(), name);
    try {
      // Before this file is there, it may be about to be locked.
      if (!existsSync(layoutOf(directory).record)) continue;
      if (isUnlocked(layoutOf(directory).lock)) rmSync(directory, { recursive: true, force: true });
    } catch {
      // It is being made or removed by another run, or belongs to another user.
    }
  }
}
