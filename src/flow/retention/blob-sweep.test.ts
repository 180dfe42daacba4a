import { afterEach, beforeEach, expect, it } from 'vitest';
import { dateFrom } from '../../base/clock.ts';
import { createLog } from '../../base/log.ts';
import { randomSecret, secretHash } from '../../base/random.ts';
import { passDuring } from '../../base/testing/pass.ts';
import { ensureDeployment } from '../../store/deployment.ts';
import { createToken, type NewToken } from '../../store/tokens.ts';
import { prune } from '../fleet/prune.ts';
import { submit } from '../submit/submit.ts';
import {
  change,
  outcome,
  plannedJob,
  runningAgent,
  SUBMIT,
  submissionPlan,
  type TestFlow,
  testFlow,
  workOff,
} from '../testing/runs.ts';
import { workKinds } from '../work/all.ts';
import { checkObjects, sweepBlobs, YOUNGEST_MS } from './blob-sweep.ts';

let flow: TestFlow;
beforeEach(async () => {
  flow = await testFlow();
  await ensureDeployment(flow.connection.db, flow.random);
});
afterEach(() => flow.close());

const old_ms = () => flow.clock.now_ms() - YOUNGEST_MS - 60_000;
const put = async (key: string, put_ms = old_ms()) => {
  await flow.blobs.put(key, Buffer.from(key));
  flow.blobs.put_ms.set(key, put_ms);
};
const kept = () => [...flow.blobs.objects.keys()].filter((key) => key !== 'deployment').sort();
const finishedRun = async (checkout_blob: string | null = null) => {
  await submit(flow, submissionPlan([plannedJob()]), { ...SUBMIT, checkout_blob });
  const { agent, run_id, fence } = await runningAgent(flow);
  await agent.say({ type: 'finish', run_id, fence, outcome: outcome() });
  await agent.next('finish_ack');
  await workOff(flow, workKinds(flow));
  flow.blobs.objects.delete(`logs/${run_id}`);
  return run_id;
};

it('removes sources that were never submitted, and keeps those that were, or may yet be', async () => {
  await put('checkouts/submitted.tar.gz');
  await finishedRun('checkouts/submitted.tar.gz');
  await put('checkouts/forgotten.tar.gz');
  await put('checkouts/young.tar.gz', flow.clock.now_ms());
  await passDuring(flow.clock, sweepBlobs(flow));
  expect(kept()).toEqual(['checkouts/submitted.tar.gz', 'checkouts/young.tar.gz']);
});

it('removes what no file of a run names once the run is over', async () => {
  const ended = await finishedRun();
  await submit(flow, submissionPlan([plannedJob()]), SUBMIT);
  const { run_id: running } = await runningAgent(flow);
  await change(
    flow,
    `insert into artifacts (run_id, kind, path, size, sha256, blob)
      values (${ended}, 'artifact', 'a', 1, '\\x00', 'artifacts/${ended}/named')`,
  );
  const gone = [`artifacts/${ended}/replaced`, `uploads/${ended}/part/000000000000000`];
  const stays = [
    `artifacts/${ended}/named`,
    `artifacts/${running}/unnamed`,
    'artifacts/987654/of-no-run',
    'artifacts/strange',
    `logs/${ended}`,
    `uploads/${running}/part/000000000000000`,
  ];
  for (const key of [...gone, ...stays]) await put(key);
  await put(`uploads/${ended}/young/000000000000000`, flow.clock.now_ms());
  await passDuring(flow.clock, sweepBlobs(flow));
  expect(kept()).toEqual([...stays, `uploads/${ended}/young/000000000000000`].sort());
});

it('goes through more than one batch, also when it removes while it lists', async () => {
  for (let index = 0; index < 450; index++) await put(`checkouts/${index}.tar.gz`);
  await passDuring(flow.clock, sweepBlobs(flow));
  expect(kept()).toEqual([]);
});

it('leaves a store alone that another deployment has swept, and everything while it only observes', async () => {
  await put('checkouts/forgotten.tar.gz');
  await change(flow, 'update deployment set observing = true');
  await passDuring(flow.clock, sweepBlobs(flow));
  await change(flow, 'update deployment set observing = false');
  await put('deployment');
  await passDuring(flow.clock, sweepBlobs(flow));
  expect(kept()).toEqual(['checkouts/forgotten.tar.gz']);
  await flow.blobs.remove('deployment');
  await passDuring(flow.clock, sweepBlobs(flow));
  expect(kept()).toEqual([]);
});

it('forgets sessions and sign-in links that lapsed long ago, and no token of a program', async () => {
  const { db } = flow.connection;
  const make = async (name: string, kind: NewToken['kind'], age_ms: number) => {
    const expires_at = dateFrom(flow.clock.now_ms() - age_ms);
    await createToken(db, { name, kind, role: 'viewer', hash: secretHash(randomSecret(flow.random)), expires_at });
  };
  const long_ms = 25 * 3_600_000;
  await make('old session', 'session', long_ms);
  await make('old link', 'enter', long_ms);
  await make('old program', 'api', long_ms);
  await make('lapsed session', 'session', 1_000);
  await prune(flow);
  const rows = await db.selectFrom('tokens').select('name').orderBy('id').execute();
  expect(rows.map(({ name }) => name)).toEqual(['old program', 'lapsed session']);
});

it('warns once of a store that does not know a deployment which is there for long', async () => {
  const lines: string[] = [];
  const log = createLog('info', { write: (line: string) => void lines.push(line) });
  const server = { ...flow, log };
  await checkObjects(server);
  expect(flow.blobs.objects.has('deployment')).toBe(true);
  await change(flow, `update deployment set created_at = groundcrew_now() - interval '1 day'`);
  await checkObjects(server);
  expect(lines).toEqual([]);
  flow.blobs.objects.clear();
  await checkObjects(server);
  await checkObjects(server);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('the object store did not know this deployment');
});
