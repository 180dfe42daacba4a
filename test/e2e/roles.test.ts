import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { type EmbeddedPostgres, startEmbedded } from '../../src/store/embedded/start.ts';
import { attemptsOf, detail, finished, junitStep, logOf, numberedLines, submitOne } from './harness/jobs.ts';
import type { ServerProcess } from './harness/server.ts';
import { testWorld } from './harness/test-world.ts';
import { until } from './harness/wait.ts';

const LINES = numberedLines(80, 0.05);

let directory: string;
let postgres: EmbeddedPostgres;

/** An outside PostgreSQL, as far as the servers know. */
function databaseUrl(): string {
  const { socket_directory, port, user, database } = postgres.address;
  const query = new URLSearchParams({ host: socket_directory, port: String(port), user });
  return `postgres:///${database}?${query.toString()}`;
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'groundcrew-e2e-postgres-'));
  postgres = await startEmbedded({
    data_directory: directory,
    clock: systemClock,
    log: silentLog,
    unsafe_for_tests: true,
  });
}, 240_000);

afterAll(async () => {
  await postgres?.stop();
  rmSync(directory, { recursive: true, force: true });
}, 240_000);

describe('roles in processes of their own on an outside PostgreSQL', () => {
  it('work together; a killed fleet and worker process is followed by another', {
    timeout: 400_000,
  }, async (context) => {
    const world = await testWorld(context, { database_url: databaseUrl(), nodes: 2 });
    await world.start('api');
    const first = await world.startBeside('fleet,worker', 'first.log');
    let second: ServerProcess | null = null;
    try {
      const job = { steps: [LINES.script, junitStep(10, 0)], results: ['junit.xml'] };
      const { id } = await submitOne(world, job);
      await until('its log has begun', 30_000, async () => (await detail(world, id)).log.bytes > 0);
      // The first was alone until now: it owns the provider, plans and allocates.
      second = await world.startBeside('fleet,worker', 'second.log');
      const next = await submitOne(world, job);
      await first.kill();
      for (const run_id of [id, next.id]) {
        const found = await finished(world, run_id, 40_000);
        expect(found.run).toMatchObject({ verdict: 'passed', attempt: 1, counts: { pass: 10 } });
        expect((await logOf(world, run_id)).toString()).toBe(LINES.expected);
        expect(await attemptsOf(world, run_id)).toHaveLength(1);
      }
      await world.rest(async () => {
        await second?.stop();
        await world.stop();
      });
    } finally {
      for (const server of [first, second]) await server?.kill();
    }
  });
});
