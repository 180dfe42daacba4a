import { PgBoss } from 'pg-boss';
import type { EmbeddedPostgres } from '../src/store/embedded/start.ts';

const QUEUE = 'bench';

/** pg-boss by its own calls, without its polling in between. */
export interface PgBossBench {
  fill(count: number): Promise<void>;
  /** Fetches and completes until nothing is left. */
  drainLoop(batch: number): Promise<void>;
  stop(): Promise<void>;
}

export async function openPgBoss(address: EmbeddedPostgres['address']): Promise<PgBossBench> {
  const { socket_directory, port, user, database } = address;
  const boss = new PgBoss({ host: socket_directory, port, user, database, max: 10, supervise: false, schedule: false });
  boss.on('error', () => undefined);
  await boss.start();
  await boss.createQueue(QUEUE);
  return {
    async fill(count) {
      await boss.insert(
        QUEUE,
        Array.from({ length: count }, (_, index) => ({ data: { key: index } })),
      );
    },
    async drainLoop(batch) {
      for (;;) {
        const jobs = await boss.fetch(QUEUE, { batchSize: batch });
        if (jobs.length === 0) return;
        await boss.complete(
          QUEUE,
          jobs.map((job) => job.id),
        );
      }
    },
    stop: () => boss.stop({ graceful: false }),
  };
}
