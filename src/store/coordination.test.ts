import { sql } from 'kysely';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dateFrom } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { secretHash, seededRandom } from '../base/random.ts';
import { until } from '../base/testing/until.ts';
import { virtualClock } from '../base/testing/virtual-clock.ts';
import { tryAdvisoryLock } from './advisory.ts';
import { readAlive, tickAlive } from './alive-clock.ts';
import { ensureDeployment } from './deployment.ts';
import { endEveryLease, releaseLease, renewLease, takeLease } from './leases.ts';
import { notify, openListener } from './notify.ts';
import { type TestDatabase, testDatabase } from './testing/database.ts';
import { type DrivenTime, driveTime } from './testing/driven-time.ts';
import { createToken, findToken, listTokens, revokeToken, useEnterToken } from './tokens.ts';

let connection: TestDatabase;
let time: DrivenTime;
beforeAll(async () => {
  connection = await testDatabase();
  time = await driveTime(connection.db, { stopped: true });
});
afterAll(() => connection.close());

/** Ends the other sessions with this name, as a database that fails over would. */
async function cutConnections(application_name: string): Promise<void> {
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = ${application_name} and datname = current_database()`.execute(connection.db);
}

test('a message is heard after the commit, and not after a rollback', async () => {
  const listener = await openListener(connection.client_config, silentLog, virtualClock());
  const heard: string[] = [];
  listener.on('node', (payload) => heard.push(payload));
  await connection.db
    .transaction()
    .execute(async (tx) => {
      await notify(tx, 'node', 'rolled back');
      throw new Error('on purpose');
    })
    .catch(() => undefined);
  await connection.db.transaction().execute((tx) => notify(tx, 'node', 'n-12345678'));
  await until(() => heard.length > 0);
  expect(heard).toEqual(['n-12345678']);
  await listener.close();
});

test('after a cut connection the listener comes back, and everybody looks again', async () => {
  const clock = virtualClock();
  const listener = await openListener(connection.client_config, silentLog, clock);
  const heard: string[] = [];
  const stop = listener.on('run', (payload) => heard.push(payload));
  await cutConnections('groundcrew listener');
  await until(async () => {
    await clock.advance(100);
    return heard.includes('');
  });
  await notify(connection.db, 'run', '7');
  await until(() => heard.includes('7'));
  stop();
  await notify(connection.db, 'run', '8');
  await listener.close();
  expect(heard).toEqual(['', '7']);
});

test('an advisory lock has one holder, and is free when its connection is gone', async () => {
  const first = await tryAdvisoryLock(connection.client_config, 'allocator', virtualClock());
  expect(first?.held()).toBe(true);
  expect(await tryAdvisoryLock(connection.client_config, 'allocator', virtualClock())).toBeNull();
  await cutConnections('groundcrew allocator');
  await until(() => first?.held() === false);
  const second = await tryAdvisoryLock(connection.client_config, 'allocator', virtualClock());
  expect(second?.held()).toBe(true);
  await second?.release();
  await first?.release();
});

test('an advisory lock is free when its holder says nothing any more, though nobody closed its connection', async () => {
  // Its pulse never beats, as when its host is gone.
  const silent = virtualClock();
  const first = await tryAdvisoryLock(connection.client_config, 'reaper', silent, 100);
  expect(first).not.toBeNull();
  let second: Awaited<ReturnType<typeof tryAdvisoryLock>> = null;
  await until(async () => {
    second = await tryAdvisoryLock(connection.client_config, 'reaper', virtualClock());
    return second !== null;
  });
  // The server ended its session; that it hears of it is another message.
  await until(() => first?.held() === false, 'the first knows that it lost the lock');
  await (second as Awaited<ReturnType<typeof tryAdvisoryLock>>)?.release();
  await first?.release();
});

test('a lease is taken over only when it has lapsed, with a new epoch, and then cannot be renewed', async () => {
  const { db } = connection;
  expect(await takeLease(db, 'provider rax', 'a', 60_000)).toEqual({ epoch: 1 });
  expect(await takeLease(db, 'provider rax', 'b', 60_000)).toBeNull();
  expect(await renewLease(db, 'provider rax', 'a', 1, 1)).toBe(true);
  await time.advance(1);
  expect(await takeLease(db, 'provider rax', 'b', 60_000)).toBeNull();
  await time.advance(1);
  expect(await takeLease(db, 'provider rax', 'b', 60_000)).toEqual({ epoch: 2 });
  expect(await renewLease(db, 'provider rax', 'a', 1, 60_000)).toBe(false);
  expect(await renewLease(db, 'provider rax', 'b', 2, 60_000)).toBe(true);
  await releaseLease(db, 'provider rax', 'a', 1);
  expect(await takeLease(db, 'provider rax', 'c', 60_000)).toBeNull();
  await releaseLease(db, 'provider rax', 'b', 2);
  expect(await takeLease(db, 'provider rax', 'c', 60_000)).toEqual({ epoch: 3 });
  await endEveryLease(db);
  expect(await takeLease(db, 'provider rax', 'd', 60_000)).toEqual({ epoch: 4 });
  expect(await renewLease(db, 'provider rax', 'c', 3, 60_000)).toBe(false);
});

test('of many who want a lapsed lease at once, one gets it', async () => {
  const clients = await Promise.all(
    Array.from({ length: 8 }, (_, index) => takeLease(connection.db, 'provider hp', `p${index}`, 60_000)),
  );
  expect(clients.filter((lease) => lease !== null)).toEqual([{ epoch: 1 }]);
});

test('the alive clock counts at most two seconds of an outage', async () => {
  const { db } = connection;
  await tickAlive(db);
  const before_ms = await readAlive(db);
  await time.advance(5 * 60_000, { outage: true });
  expect(await tickAlive(db)).toBe(before_ms + 2_000);
  await time.advance(1_000, { outage: true });
  const after = await tickAlive(db);
  expect(after).toBe(before_ms + 3_000);
  // A clock that was set back must not take time away.
  await sql`update alive_clock set ticked_at = groundcrew_now() + interval '1 hour'`.execute(db);
  expect(await tickAlive(db)).toBe(after);
  expect(await readAlive(db)).toBe(after);
});

test('a deployment is made once, whoever starts first', async () => {
  const all = await Promise.all([1, 2, 3, 4].map((seed) => ensureDeployment(connection.db, seededRandom(seed))));
  expect(new Set(all.map((deployment) => deployment.id)).size).toBe(1);
  expect(all[0]?.observing).toBe(false);
});

test('tokens: found by hash until revoked or expired; one-use tokens work once', async () => {
  const { db } = connection;
  const soon = dateFrom((await time.now_ms()) + 3_600_000);
  const past = dateFrom((await time.now_ms()) - 1_000);
  const hash = secretHash('api');
  const made = await createToken(db, { name: 'ci', kind: 'api', role: 'submitter', hash, expires_at: soon });
  expect(await findToken(db, hash)).toMatchObject({ id: made.id, name: 'ci', role: 'submitter' });
  expect(await revokeToken(db, made.id)).toBe(true);
  expect(await revokeToken(db, made.id)).toBe(false);
  expect(await findToken(db, hash)).toBeNull();
  const late = secretHash('late');
  await createToken(db, { name: 'ci', kind: 'api', role: 'admin', hash: late, expires_at: past });
  expect(await findToken(db, late)).toBeNull();
  const enter = secretHash('enter');
  await createToken(db, { name: 'maria', kind: 'enter', role: 'viewer', hash: enter, expires_at: soon });
  expect(await findToken(db, enter)).toBeNull();
  const uses = await Promise.all([useEnterToken(db, enter), useEnterToken(db, enter)]);
  expect(uses.filter((use) => use !== null)).toMatchObject([{ name: 'maria', role: 'viewer' }]);
  expect((await listTokens(db)).map((token) => token.name)).toEqual(['ci', 'ci']);
});

test('a listener that cannot connect says so', async () => {
  const config: pg.ClientConfig = { ...connection.client_config, port: 1 };
  await expect(openListener(config, silentLog, virtualClock())).rejects.toThrow();
});
