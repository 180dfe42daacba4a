import { join } from 'node:path';
import { sql } from 'kysely';
import type { Config } from '../src/config/schema.ts';
import { readFleetSnapshot } from '../src/flow/fleet/snapshot.ts';
import { planFleet } from '../src/nodes/plan.ts';
import { openDatabase } from '../src/store/connect.ts';
import { startEmbedded } from '../src/store/embedded/start.ts';
import { migrate } from '../src/store/migrate.ts';
import { openListener } from '../src/store/notify.ts';
import type { Db } from '../src/store/schema/database.ts';
import type { BenchContext } from './context.ts';
import type { Figure } from './figure.ts';
import { servicesOf } from './flow-world.ts';
import { absoluteFigures, interleave, ratioFigure } from './rounds.ts';

const NODES = 10_000;
const PROVIDERS = 100;
const ROUNDS = 15;

/** One look of the planner at ten thousand nodes of a hundred providers, beside reading their rows alone. */
export async function* figures(context: BenchContext): AsyncGenerator<Figure> {
  const { clock, log, directory } = context;
  const embedded = await startEmbedded({ data_directory: join(directory, 'pg'), clock, log });
  const connection = await openDatabase(embedded.address, { max_connections: 4 });
  await migrate(connection);
  const listener = await openListener(connection.client_config, log, clock);
  try {
    const { db } = connection;
    await insertNodes(db);
    const services = await servicesOf(context, connection, listener, configOf());
    const timed = (work: () => Promise<unknown>) => async (): Promise<number> => {
      const began_ms = clock.monotonic_ms();
      await work();
      return clock.monotonic_ms() - began_ms;
    };
    const both = await interleave(ROUNDS, {
      'read and plan': timed(async () => planFleet(await readFleetSnapshot(services))),
      'read the rows': timed(() => readRows(db)),
    });
    const name = `planner: ${NODES} nodes of ${PROVIDERS} providers`;
    yield ratioFigure(`${name}, to reading`, both['read and plan'], both['read the rows'], { at_most: 3 });
    yield* absoluteFigures(both, 'ms', (side) => `${name}, ${side}`);
  } finally {
    await listener.close();
    await connection.close();
    await embedded.stop();
  }
}

/** The floor: the rows that a look needs, each once. */
async function readRows(db: Db): Promise<void> {
  await sql`select id, version, provider, node_type, labels, options, state, state_since, deadline, created_at, ready_at
    from nodes where state <> 'deleted'`.execute(db);
  await sql`select * from holds where released_at is null`.execute(db);
  await sql`select * from requests where state = 'waiting'`.execute(db);
}

function configOf(): Config {
  const type = (label: string) => ({
    ...{ name: label, labels: [label, 'x86_64'], limits: { nodes: null }, boot_timeout_ms: 60_000, preflight: [] },
    ...{ env: {}, options: {} },
  });
  const provider = { driver: 'instant', options: {}, limits: {}, written: {}, nodes: [type('jammy'), type('noble')] };
  return {
    labels: {
      jammy: { ready: NODES / 2, max_ready_age_ms: null },
      noble: { ready: NODES / 2, max_ready_age_ms: null },
    },
    providers: Object.fromEntries(Array.from({ length: PROVIDERS }, (_, index) => [`cloud-${index}`, provider])),
    holds: [],
    server: { host: '127.0.0.1', port: 0, data_directory: '/nonexistent', database_url: null },
    blobs: { directory: 'blobs' },
  };
}

/** Nine of ten are ready; the rest are planned, and come. */
async function insertNodes(db: Db): Promise<void> {
  await sql`insert into nodes (id, provider, node_type, labels, state, plan_reason)
    select 'n-' || number, 'cloud-' || number % ${PROVIDERS}::int, label, array[label, 'x86_64'], 'planned', 'bench'
    from generate_series(1, ${NODES}::int) number,
      lateral (select case when number % 2 = 0 then 'jammy' else 'noble' end as label) labels`.execute(db);
  for (const [from, to] of [
    ['planned', 'launching'],
    ['launching', 'booting'],
    ['booting', 'checking'],
    ['checking', 'ready'],
  ]) {
    await sql`update nodes set state = ${to}, state_since = groundcrew_now(), ready_at = case when ${to} = 'ready'
      then groundcrew_now() end where state = ${from} and hashtext(id) % 10 <> 0`.execute(db);
  }
  await sql`analyze`.execute(db);
}
