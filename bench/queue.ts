import { join } from 'node:path';
import { sql } from 'kysely';
import type { Clock } from '../src/base/clock.ts';
import { LaneClaims } from '../src/queue/claims.ts';
import { completeItems, enqueueMany } from '../src/queue/store/items.ts';
import { type DatabaseConnection, openDatabase } from '../src/store/connect.ts';
import { startEmbedded } from '../src/store/embedded/start.ts';
import { migrate } from '../src/store/migrate.ts';
import type { Db } from '../src/store/schema/database.ts';
import type { BenchContext } from './context.ts';
import type { Figure } from './figure.ts';
import { measureGraphileWorker } from './queue-graphile-worker.ts';
import { openPgBoss, type PgBossBench } from './queue-pg-boss.ts';
import { IN_BATCHES, ONE_BY_ONE, type Way } from './queue-ways.ts';
import { absoluteFigures, interleave, ratioFigure } from './rounds.ts';

const ROUNDS = 7;

/**
 * Claimed and completed items a second, on the embedded server with every safety on: beside pg-boss, and beside the least
 * that can be done, a loop over one statement that claims and one that completes. graphile-worker is measured once, to
 * compare.
 */
export async function* figures(context: BenchContext): AsyncGenerator<Figure> {
  const { clock, log, directory } = context;
  const embedded = await startEmbedded({ data_directory: join(directory, 'pg'), clock, log });
  const connection = await openDatabase(embedded.address, { max_connections: 10 });
  const boss = await openPgBoss(embedded.address);
  try {
    await migrate(connection);
    await createBare(connection.db);
    const one = await measure(context, connection, boss, ONE_BY_ONE);
    yield ratioFigure('queue: one by one, to pg-boss', one.ours, one['pg-boss'], { at_least: 2 });
    yield ratioFigure('queue: one by one, to a bare loop', one.ours, one.bare, { at_least: 0.6 });
    yield* absoluteFigures(one, 'items/s', (side) => `queue: ${side}, one by one, 8 loops`);
    const many = await measure(context, connection, boss, IN_BATCHES);
    yield ratioFigure('queue: in batches, to pg-boss', many.ours, many['pg-boss'], { at_least: 4 });
    yield ratioFigure('queue: in batches, to a bare loop', many.ours, many.bare, null);
    yield* absoluteFigures(many, 'items/s', (side) => `queue: ${side}, in batches, 4 × 50`);
    context.progress('the same with graphile-worker');
    const { one_by_one, in_batches } = await measureGraphileWorker(embedded.address, clock);
    yield* absoluteFigures({ 'one by one': [one_by_one], 'in batches': [in_batches] }, 'items/s', (side) => {
      return `queue: graphile-worker, ${side}`;
    });
  } finally {
    await boss.stop();
    await connection.close();
    await embedded.stop();
  }
}

async function measure({ clock, progress }: BenchContext, { db }: DatabaseConnection, boss: PgBossBench, way: Way) {
  progress(`${ROUNDS} rounds of ${way.items} items, ${way.loops} loops, ${way.batch} at a time`);
  return await interleave(ROUNDS, {
    ours: () =>
      drain(
        way,
        clock,
        () => fill(db, way.items),
        (loop) => drainLoop(db, clock, way.batch, `loop ${loop}`),
      ),
    'pg-boss': () =>
      drain(
        way,
        clock,
        () => boss.fill(way.items),
        () => boss.drainLoop(way.batch),
      ),
    bare: () =>
      drain(
        way,
        clock,
        () => fillBare(db, way.items),
        () => drainBare(db, way.batch),
      ),
  });
}

/** Items a second from a full queue to an empty one; filling it does not count. */
async function drain(
  way: Way,
  clock: Clock,
  fillQueue: () => Promise<void>,
  loop: (index: number) => Promise<void>,
): Promise<number> {
  await fillQueue();
  const started_ms = clock.monotonic_ms();
  await Promise.all(Array.from({ length: way.loops }, (_, index) => loop(index)));
  return (way.items / (clock.monotonic_ms() - started_ms)) * 1_000;
}

async function fill(db: Db, count: number): Promise<void> {
  const keys = Array.from({ length: count }, (_, index) => `${index}`);
  await enqueueMany(
    db,
    keys.map((key) => ({ lane: 'ingest', kind: 'bench', key, payload: { key } })),
  );
}

/** Each loop claims as a worker of its own does. */
async function drainLoop(db: Db, clock: Clock, limit: number, worker: string): Promise<void> {
  const claims = new LaneClaims({ db, clock, lane: 'ingest', kinds: ['bench'], worker });
  for (;;) {
    const items = await claims.claim(limit);
    if (items.length === 0) return;
    await completeItems(db, items);
  }
}

/** The floor: a table with nothing but what claiming and completing needs. No fences, no lapses, no retries. */
async function createBare(db: Db): Promise<void> {
  await sql`create table bench_items (id bigint generated always as identity primary key, taken boolean not null
    default false, payload jsonb not null)`.execute(db);
  await sql`create index on bench_items (id) where not taken`.execute(db);
}

async function fillBare(db: Db, count: number): Promise<void> {
  await sql`truncate bench_items`.execute(db);
  await sql`insert into bench_items (payload) select json_build_object('key', number) from generate_series(1, ${count}::int)
    number`.execute(db);
}

async function drainBare(db: Db, limit: number): Promise<void> {
  for (;;) {
    // Materialized: as a plain sub-select it may be planned once a row.
    const { rows } = await sql<{ id: number }>`with due as materialized (
        select id from bench_items where not taken order by id limit ${limit}::int for update skip locked)
      update bench_items item set taken = true from due where item.id = due.id returning item.id`.execute(db);
    if (rows.length === 0) return;
    const ids = rows.map(({ id }) => id);
    await sql`delete from bench_items where id = any(${ids}::bigint[])`.execute(db);
  }
}
