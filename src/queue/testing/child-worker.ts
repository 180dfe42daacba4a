import { sql } from 'kysely';
import { systemClock } from '../../base/clock.ts';
import { createLog } from '../../base/log.ts';
import { systemRandom } from '../../base/random.ts';
import type { DatabaseAddress } from '../../store/address.ts';
import { openDatabase } from '../../store/connect.ts';
import { openListener } from '../../store/notify.ts';
import { type BoundKind, type Handler, USUAL_LONGEST_MS, USUAL_RETRY } from '../contract.ts';
import { startWorker } from '../worker.ts';

/**
 * A worker process for tests that kill and stop it: `child-worker.ts ADDRESS-AS-JSON WORK-MS`. It says `begin KEY` and
 * `end KEY` (or `lost KEY`) on standard output around each item, and writes one row into `effects` when it completes.
 * With `held` instead of a time, items last from their checkpoint until SIGUSR2 has come.
 */
const [address_json = '{}', work_ms = '0'] = process.argv.slice(2);
const log = createLog('silent');
const told = work_ms === 'held' ? new Promise<void>((resolve) => process.once('SIGUSR2', () => resolve())) : null;
const connection = await openDatabase(JSON.parse(address_json) as DatabaseAddress);
const listener = await openListener(connection.client_config, log, systemClock);

const handle: Handler = async (item, context) => {
  const half_ms = told === null ? Number(work_ms) / 2 : 0;
  await systemClock.sleep(half_ms);
  if (item.checkpoint === null) {
    await connection.db.transaction().execute((tx) => context.checkpoint(tx, { half: true }));
  }
  await (told ?? systemClock.sleep(half_ms));
  await context.complete(async (tx) => {
    await sql`insert into effects (key, pid) values (${item.key}, ${process.pid})`.execute(tx);
  });
  process.stdout.write(`end ${item.key}\n`);
};

const work: Handler = async (item, context) => {
  process.stdout.write(`begin ${item.key}\n`);
  try {
    await handle(item, context);
  } catch (error) {
    process.stdout.write(`lost ${item.key}\n`);
    throw error;
  }
};

const kind: BoundKind = {
  ...{ name: 'work', lane: 'ingest', retry: USUAL_RETRY, longest_ms: USUAL_LONGEST_MS, handle: work },
};
const worker = startWorker({
  ...{ connection, listener, log, clock: systemClock, random: systemRandom },
  ...{ lanes: new Map([['ingest', 4]]), kinds: [kind], drain_budget_ms: 500 },
});
process.on('SIGTERM', () => {
  void worker.stop().then(() => process.exit(0));
});
process.stdout.write('started\n');
