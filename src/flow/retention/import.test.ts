import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { seededRandom } from '../../base/random.ts';
import { leaveNodes } from '../../nodes/store/leave.ts';
import { ensureDeployment } from '../../store/deployment.ts';
import { exportDatabase } from '../../store/export.ts';
import { importDatabase } from '../../store/import.ts';
import { emptyTestDatabase, type TestDatabase } from '../../store/testing/database.ts';
import { holdNode } from '../finish/hold.ts';
import { reapDue } from '../finish/reap.ts';
import type { Services } from '../services.ts';
import { submit } from '../submit/submit.ts';
import {
  allocate,
  plannedJob,
  readyAgent,
  runningAgent,
  SUBMIT,
  submissionPlan,
  type TestFlow,
  testFlow,
} from '../testing/runs.ts';

const REASON = 'it belongs to the deployment that the backup was made of';

let flow: TestFlow;
let copy: TestDatabase;
let backup: Buffer;

/** A node that runs, one that is assigned, one that is held, one that is ready; two runs, and a third that waits. */
beforeEach(async () => {
  flow = await testFlow();
  await ensureDeployment(flow.connection.db, seededRandom(3));
  const submitOne = (build: string) => submit(flow, submissionPlan([plannedJob({ retries: 1 })], build), SUBMIT);
  await submitOne('1');
  await runningAgent(flow);
  await submitOne('2');
  await readyAgent(flow);
  await allocate(flow);
  const { agent } = await readyAgent(flow);
  await holdNode(flow, agent.node_id, { actor: 'maria', reason: 'a look', duration_ms: 3_600_000 });
  await readyAgent(flow);
  await sql`update nodes set registration_hashes = array[sha256(id::bytea)] where state = 'ready'`.execute(
    flow.connection.db,
  );
  await sql`insert into providers (name, driver, written) values ('there', 'local', '{}')`.execute(flow.connection.db);
  const through = new PassThrough();
  const collected = buffer(through);
  await exportDatabase(flow.connection, through, { clock: flow.clock });
  backup = await collected;
  copy = await emptyTestDatabase();
});

afterEach(async () => {
  await copy.close();
  await flow.close();
});

async function texts(database: TestDatabase, query: string): Promise<unknown[]> {
  return (await sql.raw<Record<string, unknown>>(query).execute(database.db)).rows.map((row) => Object.values(row));
}

const STATES = 'select state, count(*)::int from nodes group by 1 order by 1';
const HOLDS = 'select owner, released_by from holds';

const PROVIDERS = 'select name from providers';

it('into another deployment leaves every node behind, ends its holds, and its runs are done again', async () => {
  await importDatabase(copy, Readable.from([backup]), { random: seededRandom(4), leave_nodes: leaveNodes });
  expect(await texts(copy, STATES)).toEqual([['deleted', 4]]);
  expect(await texts(copy, HOLDS)).toEqual([['maria', 'import']]);
  // What it opened its providers with is not ours to look with, let alone to destroy.
  expect(await texts(copy, PROVIDERS)).toEqual([]);
  expect(
    await texts(
      copy,
      `select distinct end_reason, deleted_at is not null as at, deadline, session_hash, registration_hashes from nodes`,
    ),
  ).toEqual([[REASON, true, null, null, null]]);
  expect(await texts(copy, `select state, reason, actor from node_events where actor = 'import'`)).toEqual(
    Array.from({ length: 4 }, () => ['deleted', REASON, 'import']),
  );
  const services: Services = { ...flow, connection: copy };
  while ((await reapDue(services)) > 0);
  expect(await texts(copy, 'select attempt, state, verdict, reason from runs order by id')).toEqual([
    [1, 'finished', 'infra', expect.stringContaining(`was lost: ${REASON}`)],
    [1, 'queued', null, null],
    [2, 'queued', null, null],
  ]);
  await submit(services, submissionPlan([plannedJob()], '3'), SUBMIT);
  await allocate(services);
  // A phantom would have been given out here.
  expect(await texts(copy, 'select distinct state from requests where ended_at is null')).toEqual([['waiting']]);
  expect(await texts(copy, `select count(*)::int from runs where state = 'queued'`)).toEqual([[3]]);
  expect(await texts(copy, STATES)).toEqual([['deleted', 4]]);
});

it('that takes over leaves nodes, holds and runs as they were', async () => {
  await importDatabase(copy, Readable.from([backup]), {
    ...{ random: seededRandom(4), leave_nodes: leaveNodes, take_over: true },
  });
  expect(await texts(copy, STATES)).toEqual(await texts(flow.connection, STATES));
  expect(await texts(copy, STATES)).toEqual([
    ['assigned', 1],
    ['held', 1],
    ['ready', 1],
    ['running', 1],
  ]);
  expect(await texts(copy, HOLDS)).toEqual([['maria', null]]);
  expect(await texts(copy, PROVIDERS)).toEqual([['there']]);
  expect(await reapDue({ ...flow, connection: copy })).toBe(0);
});
