import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { sql } from 'kysely';
import { Type } from 'typebox';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { silentLog } from '../base/log.ts';
import { systemRandom } from '../base/random.ts';
import { anyMoment } from '../base/testing/any-moment.ts';
import { until } from '../base/testing/until.ts';
import { type VirtualClock, virtualClock } from '../base/testing/virtual-clock.ts';
import { type Listener, openListener } from '../store/notify.ts';
import { type TestDatabase, testDatabase } from '../store/testing/database.ts';
import { type DrivenTime, driveTime } from '../store/testing/driven-time.ts';
import {
  type BoundKind,
  type Handler,
  LEASE_MS,
  POLL_MS,
  USUAL_LONGEST_MS,
  USUAL_RETRY,
  type WorkKind,
} from './contract.ts';
import { bindKind, itemOf } from './kinds.ts';
import { lookForWork } from './store/due.ts';
import { enqueue, enqueueMany } from './store/items.ts';
import { startWorker, type Worker } from './worker.ts';

let connection: TestDatabase;
let listener: Listener;
/** Of the database: leases lapse by it. */
let time: DrivenTime;
/** Of the workers in this process: they poll and renew by it. */
let clock: VirtualClock;
const children: ChildProcess[] = [];
const workers: Worker[] = [];

beforeAll(async () => {
  connection = await testDatabase({ max_connections: 20 });
  await sql`create table effects (key text not null, pid int not null)`.execute(connection.db);
  listener = await openListener(connection.client_config, silentLog, virtualClock());
  time = await driveTime(connection.db, { stopped: true });
});
beforeEach(async () => {
  clock = virtualClock();
  await sql`truncate work_items, effects`.execute(connection.db);
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const worker of workers.splice(0)) await worker.stop();
});
afterAll(async () => {
  await listener.close();
  await connection.close();
});

function start(
  work: Handler,
  options: { drain_budget_ms?: number; longest_ms?: number } = {},
  more: readonly BoundKind[] = [],
): Worker {
  const { longest_ms = USUAL_LONGEST_MS, ...rest } = options;
  const kind: BoundKind = { name: 'work', lane: 'ingest', retry: USUAL_RETRY, longest_ms, handle: work };
  const worker = startWorker({
    ...{ connection, listener, clock, random: systemRandom, log: silentLog },
    ...{ lanes: new Map([['ingest', 2]]), kinds: [kind, ...more], drain_budget_ms: 1_000, ...rest },
  });
  workers.push(worker);
  return worker;
}

const put = (key: string) => enqueue(connection.db, { lane: 'ingest', kind: 'work', key, payload: {} });
const rows = () => connection.db.selectFrom('work_items').selectAll().orderBy('id').execute();
/** So much later, every lease that was not renewed has lapsed, and workers look for such. */
async function lapse(): Promise<void> {
  await time.advance(LEASE_MS + 1);
  await clock.advance(POLL_MS);
}
async function effects(): Promise<{ key: string; pid: number }[]> {
  return (await sql<{ key: string; pid: number }>`select * from effects order by key`.execute(connection.db)).rows;
}
function effectOf(key: string): Handler {
  return (_item, context) =>
    context.complete(async (tx) => void (await sql`insert into effects values (${key}, 0)`.execute(tx)));
}

interface Child {
  process: ChildProcess;
  lines: string[];
}

async function startChild(work_ms: number | 'held'): Promise<Child> {
  const script = new URL('./testing/child-worker.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, JSON.stringify(connection.address), String(work_ms)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  await until(() => lines.includes('started') || child.exitCode !== null);
  return { process: child, lines };
}

test('an item is handled once and is gone', async () => {
  start((item, context) => effectOf(item.key)(item, context));
  await put('a');
  await until(async () => (await rows()).length === 0);
  expect(await effects()).toEqual([{ key: 'a', pid: 0 }]);
});

test('a handler that throws is tried again later; its half-done effect is rolled back', async () => {
  start(async (_item, context) => {
    await context.complete(async (tx) => {
      await sql`insert into effects values ('half', 0)`.execute(tx);
      throw new Error('no luck');
    });
  });
  await put('a');
  await until(async () => (await rows())[0]?.failures === 1);
  expect((await rows())[0]).toMatchObject({
    state: 'waiting',
    interruptions: 0,
    error: expect.stringMatching('no luck'),
  });
  expect(await effects()).toEqual([]);
});

test('a handler that never ends is told so and has failed, even when it does not listen', async () => {
  let reason: unknown;
  let began = false;
  const forever: Handler = (_item, context) =>
    new Promise(() => {
      began = true;
      context.signal.addEventListener('abort', () => {
        reason = context.signal.reason;
      });
    });
  start(forever, { longest_ms: 60_000 });
  await put('a');
  await until(() => began);
  await clock.advance(60_000);
  await until(async () => (await rows())[0]?.failures === 1);
  expect(String(reason)).toMatch('did not end');
});

test('a drain tells handlers, waits for the budget, and hands back at once what is not done', async () => {
  const told: string[] = [];
  const worker = start(
    async (item, context) => {
      const hears = new Promise<void>((resolve) => context.signal.addEventListener('abort', () => resolve()));
      await connection.db.transaction().execute((tx) => context.checkpoint(tx, { page: 7 }));
      await hears;
      told.push(item.key);
      if (item.key === 'endless') await new Promise(() => undefined);
    },
    { drain_budget_ms: 300 },
  );
  await put('endless');
  await put('quick');
  await until(async () => (await rows()).every((row) => row.checkpoint !== null));
  const stopped = worker.stop();
  await until(async () => (await rows()).length === 1);
  expect(await rows()).toMatchObject([{ key: 'endless', state: 'running' }]);
  await clock.advance(300);
  await stopped;
  expect(told.sort()).toEqual(['endless', 'quick']);
  expect(await rows()).toMatchObject([
    { key: 'endless', state: 'waiting', failures: 0, interruptions: 1, lapses: 0, checkpoint: { page: 7 } },
  ]);
  const resumed: unknown[] = [];
  start(async (item) => void resumed.push(item.checkpoint));
  await until(() => resumed.length > 0);
  expect(resumed).toEqual([{ page: 7 }]);
});

test('a handler that gives up because of the drain has not failed', async () => {
  const worker = start(async (_item, context) => {
    await clock.sleep(60_000, context.signal);
  });
  // At rest: the lane, the poll and the renewal wait; then also the handler and its deadline. No claim is under way.
  await until(() => clock.waiting() === 3);
  await put('a');
  await until(() => clock.waiting() === 5);
  await worker.stop();
  expect(await rows()).toMatchObject([{ state: 'waiting', failures: 0, interruptions: 1 }]);
});

test('an item that was taken over tells its handler, and its effect does not commit', async () => {
  let lost: unknown;
  let refused: unknown;
  start(async (item, context) => {
    if (item.interruptions > 0) {
      await effectOf('second')(item, context);
      return;
    }
    await new Promise<void>((resolve) => context.signal.addEventListener('abort', () => resolve()));
    lost = context.signal.reason;
    await effectOf('first')(item, context).catch((error: unknown) => {
      refused = error;
      throw error;
    });
  });
  await put('a');
  await until(async () => (await rows())[0]?.state === 'running');
  await lapse();
  await until(async () => (await effects()).length === 1);
  // It hears of it when it would renew its lease.
  await clock.advance(LEASE_MS / 3);
  await until(async () => (await rows()).length === 0 && refused !== undefined);
  expect(lost).toMatchObject({ code: 'GC1217' });
  expect(refused).toMatchObject({ code: 'GC1217' });
  expect((await effects()).map((effect) => effect.key)).toEqual(['second']);
});

test('SIGKILL in the middle of a handler: the lease lapses by itself, and another process goes on from the checkpoint', async () => {
  await put('a');
  const first = await startChild('held');
  await until(async () => (await rows())[0]?.checkpoint !== null);
  first.process.kill('SIGKILL');
  await time.advance(LEASE_MS);
  expect(await lookForWork(connection.db, ['ingest'], ['work'])).toEqual({ lanes: [], lapsed: false });
  const seen: unknown[] = [];
  start(async (item, context) => {
    seen.push({ checkpoint: item.checkpoint, interruptions: item.interruptions, failures: item.failures });
    await effectOf('a')(item, context);
  });
  await time.advance(1);
  await clock.advance(POLL_MS);
  await until(async () => (await rows()).length === 0);
  expect(seen).toEqual([{ checkpoint: { half: true }, interruptions: 1, failures: 0 }]);
  expect(await effects()).toHaveLength(1);
});

test('a zombie: stalled past its lease, it completes what another did, and rolls back', async () => {
  await put('a');
  const zombie = await startChild('held');
  await until(async () => (await rows())[0]?.checkpoint !== null);
  zombie.process.kill('SIGSTOP');
  await lapse();
  start((item, context) => effectOf('a')(item, context));
  await until(async () => (await rows()).length === 0);
  for (const worker of workers.splice(0)) await worker.stop();
  zombie.process.kill('SIGUSR2');
  zombie.process.kill('SIGCONT');
  // It is well again: it handles the next item, after it has tried to end the lost one.
  await until(() => zombie.lines.includes('lost a'));
  await put('b');
  await until(() => zombie.lines.includes('end b'));
  expect((await effects()).map(({ key, pid }) => [key, pid === 0])).toEqual([
    ['a', true],
    ['b', false],
  ]);
});

test('chaos: workers killed, stopped in order and stalled at random; every item has one effect', async () => {
  const keys = Array.from({ length: 120 }, (_, index) => String(index).padStart(3, '0'));
  await enqueueMany(
    connection.db,
    keys.map((key) => ({ lane: 'ingest', kind: 'work', key, payload: {} })),
  );
  const pool = [await startChild(40), await startChild(40)];
  for (let round = 0; round < 12 && (await rows()).length > 0; round++) {
    const place = round % 2;
    const victim = pool[place] as Child;
    await until(async () => victim.lines.some((line) => line.startsWith('begin')) || (await rows()).length === 0);
    await anyMoment(systemRandom, 60);
    const fate = (['SIGKILL', 'SIGTERM', 'SIGSTOP'] as const)[round % 3] as NodeJS.Signals;
    victim.process.kill(fate);
    await lapse();
    pool[place] = await startChild(40);
    if (fate === 'SIGSTOP') victim.process.kill('SIGCONT');
  }
  await lapse();
  await until(async () => (await rows()).length === 0, 'nothing is left in the queue', 60_000);
  expect((await effects()).map((effect) => effect.key)).toEqual(keys);
}, 120_000);

test('each lane has its own concurrency, and lanes that are not named are left to others', async () => {
  const counts = { ingest: { now: 0, most: 0 }, notify: { now: 0, most: 0 } };
  const gate = Promise.withResolvers<void>();
  const kind = (name: string, lane: 'ingest' | 'notify' | 'fetch'): BoundKind => ({
    ...{ name, lane, retry: USUAL_RETRY, longest_ms: USUAL_LONGEST_MS },
    async handle(item) {
      const count = counts[item.lane as 'ingest' | 'notify'];
      count.now += 1;
      count.most = Math.max(count.most, count.now);
      await gate.promise;
      count.now -= 1;
    },
  });
  const kinds = [kind('read', 'ingest'), kind('tell', 'notify'), kind('get', 'fetch')];
  for (const { lane, name } of kinds) {
    const items = Array.from({ length: 6 }, (_, index) => ({ lane, kind: name, key: String(index), payload: {} }));
    await enqueueMany(connection.db, items);
  }
  const lanes = new Map([
    ['ingest', 3],
    ['notify', 1],
  ] as const);
  workers.push(
    startWorker({
      ...{ connection, listener, clock, random: systemRandom, log: silentLog },
      ...{ lanes, kinds, drain_budget_ms: 1_000 },
    }),
  );
  await until(() => counts.ingest.now === 3 && counts.notify.now === 1);
  gate.resolve();
  await until(async () => (await rows()).length === 6);
  expect(counts).toMatchObject({ ingest: { most: 3 }, notify: { most: 1 } });
  expect((await rows()).every((row) => row.lane === 'fetch' && row.state === 'waiting')).toBe(true);
});

test('a payload that does not fit its kind is dead at once, with what is wrong', async () => {
  let worked = 0;
  const greet: WorkKind<{ name: string }, string> = {
    name: 'greet',
    lane: 'ingest',
    payload: Type.Object({ name: Type.String() }),
    async work(greeting, { name }) {
      worked += `${greeting} ${name}`.length;
    },
  };
  start(() => Promise.resolve(), {}, [bindKind(greet, 'hello')]);
  await enqueue(connection.db, itemOf(greet, 'good', { name: 'you' }));
  await enqueue(connection.db, { lane: 'ingest', kind: 'greet', key: 'bad', payload: { name: 7 } });
  await until(async () => (await rows()).every((row) => row.state === 'dead'));
  expect(worked).toBe('hello you'.length);
  expect(await rows()).toMatchObject([{ key: 'bad', failures: 1, error: expect.stringContaining('/name') }]);
});
