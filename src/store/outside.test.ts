import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../../tools/needs/needs.ts';
import { seededRandom } from '../base/random.ts';
import { virtualClock } from '../base/testing/virtual-clock.ts';
import { claimItems, completeItems, enqueue, freeLapsedItems } from '../queue/store/items.ts';
import { type DatabaseConnection, openDatabase } from './connect.ts';
import { ensureDeployment } from './deployment.ts';
import { exportDatabase } from './export.ts';
import { importDatabase } from './import.ts';
import { migrate } from './migrate.ts';
import { startOutside } from './testing/outside.ts';

describe('PostgreSQL 15, outside, over TCP with a password', needs('postgresql-15'), () => {
  let server: Awaited<ReturnType<typeof startOutside>>;
  let connection: DatabaseConnection;
  beforeAll(async () => {
    server = await startOutside();
    connection = await openDatabase({ url: server.url });
  });
  afterAll(async () => {
    await connection?.close();
    await server?.stop();
  });

  test('the same migrations, by many at once', async () => {
    await Promise.all(Array.from({ length: 4 }, () => migrate(connection)));
    expect((await ensureDeployment(connection.db, seededRandom(1))).observing).toBe(false);
  });

  test('the queue', async () => {
    const { db } = connection;
    await enqueue(db, { lane: 'ingest', kind: 'work', key: 'a', payload: { n: 1 } });
    await enqueue(db, { lane: 'ingest', kind: 'work', key: 'a', payload: { n: 2 } });
    const [item] = await claimItems(db, { lane: 'ingest', kinds: ['work'], worker: 'w', limit: 5 });
    expect(item).toMatchObject({ key: 'a', payload: { n: 1 }, fence: 1 });
    await sql`update work_items set lease_until = groundcrew_now() - interval '1 s'`.execute(db);
    expect(await freeLapsedItems(db)).toBe(1);
    await expect(completeItems(db, item ? [item] : [])).rejects.toMatchObject({ code: 'GC1217' });
    const [again] = await claimItems(db, { lane: 'ingest', kinds: ['work'], worker: 'w', limit: 5 });
    await completeItems(db, again ? [again] : []);
  });

  test('export and import', async () => {
    const through = new PassThrough();
    const collected = buffer(through);
    await exportDatabase(connection, through, { clock: virtualClock() });
    await sql`create database copy`.execute(connection.db);
    const copy = await openDatabase({ url: server.url.replace(/postgres$/, 'copy') });
    await importDatabase(copy, Readable.from([await collected]), { random: seededRandom(2) });
    expect(await copy.db.selectFrom('deployment').select('observing').execute()).toEqual([{ observing: true }]);
    await copy.close();
  });

  test('a wrong password, no password, no such database', async () => {
    const failure = async (url: string) => (await openDatabase({ url }).catch((error: unknown) => error)) as Error;
    const wrong = await failure(server.url.replace(/:[^:@]+@/, ':wr0ng@'));
    expect(wrong).toMatchObject({ code: 'GC1202', message: expect.stringContaining('user crew') });
    expect(String(wrong)).not.toContain('wr0ng');
    expect(await failure(server.url.replace(/:[^:@]+@/, '@'))).toMatchObject({ code: 'GC1202' });
    expect(await failure(server.url.replace(/postgres$/, 'nowhere'))).toMatchObject({ code: 'GC1203' });
  });
});
