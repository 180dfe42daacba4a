import { join } from 'node:path';
import type { Clock } from '../src/base/clock.ts';
import { LaneClaims } from '../src/queue/claims.ts';
import { completeItems, enqueueMany } from '../src/queue/store/items.ts';
import { type DatabaseConnection, openDatabase } from '../src/store/connect.ts';
import { type EmbeddedPostgres, startEmbedded } from '../src/store/embedded/start.ts';
import { migrate } from '../src/store/migrate.ts';
import type { Db } from '../src/store/schema/database.ts';
import type { BenchContext } from './context.ts';
import { type Figure, figure } from './figure.ts';
import { measureGraphileWorker } from './queue-graphile-worker.ts';
import { measurePgBoss } from './queue-pg-boss.ts';
import { IN_BATCHES, ONE_BY_ONE, type Way } from './queue-ways.ts';
import { median } from './statistics.ts';

const ROUNDS = 5;

/** Claimed and completed items a second, on the embedded server with every safety on, beside two peers. */
export async function* figures(context: BenchContext): AsyncGenerator<Figure> {
  const { clock, log, directory } = context;
  const embedded = await startEmbedded({ data_directory: join(directory, 'pg'), clock, log });
  try {
    const connection = await openDatabase(embedded.address, { max_connections: 10 });
    try {
      await migrate(connection);
      const one = await rounds(() => drain(connection.db, ONE_BY_ONE, clock));
      yield figure('queue: one by one, 8 loops', one, 'items/s', { at_least: 3_000 });
      const many = await rounds(() => drain(connection.db, IN_BATCHES, clock));
      yield figure('queue: in batches, 4 × 50', many, 'items/s', { at_least: 40_000 });
    } finally {
      await connection.close();
    }
    yield* peers(context, embedded);
  } finally {
    await embedded.stop();
  }
}

async function* peers(context: BenchContext, embedded: EmbeddedPostgres): AsyncGenerator<Figure> {
  for (const { name, measure } of [
    { name: 'pg-boss', measure: measurePgBoss },
    { name: 'graphile-worker', measure: measureGraphileWorker },
  ]) {
    context.progress(`the same with ${name}`);
    const { one_by_one, in_batches } = await measure(embedded.address, context.clock);
    yield figure(`queue: ${name}, one by one, 8 loops`, one_by_one, 'items/s', null);
    yield figure(`queue: ${name}, in batches`, in_batches, 'items/s', null);
  }
}

async function rounds(measure: () => Promise<number>): Promise<number> {
  const values: number[] = [];
  for (let round = 0; round < ROUNDS; round++) values.push(await measure());
  return median(values);
}

/** Items a second from a full queue to an empty one. */
async function drain(db: DatabaseConnection['db'], way: Way, clock: Clock): Promise<number> {
  await fill(db, way.items);
  const started_ms = clock.monotonic_ms();
  await Promise.all(Array.from({ length: way.loops }, (_, loop) => drainLoop(db, clock, way.batch, `loop ${loop}`)));
  return (way.items / (clock.monotonic_ms() - started_ms)) * 1_000;
}

async function fill(db: Db, count: number): Promise<void> {
  for (let start = 0; start < count; start += 5_000) {
    const keys = Array.from({ length: Math.min(5_000, count - start) }, (_, index) => `${start + index}`);
    await enqueueMany(
      db,
      keys.map((key) => ({ lane: 'ingest', kind: 'bench', key, payload: { key } })),
    );
  }
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
