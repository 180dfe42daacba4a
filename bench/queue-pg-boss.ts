import { PgBoss } from 'pg-boss';
import type { Clock } from '../src/base/clock.ts';
import type { EmbeddedPostgres } from '../src/store/embedded/start.ts';
import { IN_BATCHES, ONE_BY_ONE, type Way } from './queue-ways.ts';

/** Fetched and completed jobs a second with pg-boss, by its own calls, without its polling in between. */
export async function measurePgBoss(
  address: EmbeddedPostgres['address'],
  clock: Clock,
): Promise<{ one_by_one: number; in_batches: number }> {
  const { socket_directory, port, user, database } = address;
  const boss = new PgBoss({ host: socket_directory, port, user, database, max: 10, supervise: false, schedule: false });
  boss.on('error', () => undefined);
  await boss.start();
  try {
    const one_by_one = await drain(boss, 'one-by-one', ONE_BY_ONE, clock);
    return { one_by_one, in_batches: await drain(boss, 'in-batches', IN_BATCHES, clock) };
  } finally {
    await boss.stop({ graceful: false });
  }
}

async function drain(boss: PgBoss, queue: string, way: Way, clock: Clock): Promise<number> {
  await boss.createQueue(queue);
  for (let start = 0; start < way.items; start += 5_000) {
    const jobs = Array.from({ length: Math.min(5_000, way.items - start) }, (_, index) => ({
      data: { key: start + index },
    }));
    await boss.insert(queue, jobs);
  }
  const started_ms = clock.monotonic_ms();
  await Promise.all(
    Array.from({ length: way.loops }, async () => {
      for (;;) {
        const jobs = await boss.fetch(queue, { batchSize: way.batch });
        if (jobs.length === 0) return;
        await boss.complete(
          queue,
          jobs.map((job) => job.id),
        );
      }
    }),
  );
  return (way.items / (clock.monotonic_ms() - started_ms)) * 1_000;
}
