import { Logger, type RunnerOptions, run } from 'graphile-worker';
import pg from 'pg';
import type { Clock } from '../src/base/clock.ts';
import type { EmbeddedPostgres } from '../src/store/embedded/start.ts';
import { IN_BATCHES, ONE_BY_ONE } from './queue-ways.ts';

type WorkerSettings = NonNullable<NonNullable<RunnerOptions['preset']>['worker']>;

/** Tasks a second with graphile-worker: eight at a time, and with the settings it has for batches. */
export async function measureGraphileWorker(
  address: EmbeddedPostgres['address'],
  clock: Clock,
): Promise<{ one_by_one: number; in_batches: number }> {
  const { socket_directory, port, user, database } = address;
  const pool = new pg.Pool({ host: socket_directory, port, user, database, max: 12 });
  pool.on('error', () => undefined);
  try {
    const one_by_one = await drain(pool, ONE_BY_ONE.items, { concurrentJobs: ONE_BY_ONE.loops }, clock);
    const batches: WorkerSettings = {
      ...{ concurrentJobs: 200, localQueue: { size: 500 } },
      ...{ completeJobBatchDelay: 0, failJobBatchDelay: 0 },
    };
    return { one_by_one, in_batches: await drain(pool, IN_BATCHES.items, batches, clock) };
  } finally {
    await pool.end();
  }
}

async function drain(pool: pg.Pool, items: number, worker: WorkerSettings, clock: Clock): Promise<number> {
  let left = items;
  const empty = Promise.withResolvers<void>();
  const logger = new Logger(() => () => undefined);
  const bench = async (): Promise<void> => {
    left -= 1;
    if (left === 0) empty.resolve();
  };
  const options = { pgPool: pool, logger, noHandleSignals: true };
  // Its schema first, then the work, so that only the work is measured.
  await (await run({ ...options, taskList: { other: bench } })).stop();
  await pool.query(
    `select graphile_worker.add_job('bench', json_build_object('key', number)) from generate_series(1, $1) number`,
    [items],
  );
  const started_ms = clock.monotonic_ms();
  const runner = await run({ ...options, taskList: { bench }, preset: { worker } });
  await empty.promise;
  // Stopping waits until the completions are written.
  await runner.stop();
  return (items / (clock.monotonic_ms() - started_ms)) * 1_000;
}
