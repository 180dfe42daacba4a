import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { giveRun } from '../../assignments/testing/give.ts';
import type { NodeDetail, NodeView } from '../../protocol/api/fleet.ts';
import type { RunDetail } from '../../protocol/api/runs.ts';
import { insertOneJob } from '../../server/testing/one-job.ts';
import { type ScratchServer, startScratch } from '../../server/testing/scratch-server.ts';
import { inAnyState } from '../../store/testing/states.ts';

let server: ScratchServer;

/** Of the three nodes the first is heard of, the second is silent for 40 s, and the third is gone. */
beforeAll(async () => {
  server = await startScratch({ roles: new Set(['api']) });
  const { db } = server.running.services.connection;
  await inAnyState(db, (tx) =>
    sql`
    insert into nodes (id, provider, node_type, labels, state, plan_reason, options, agent_seen_alive_ms)
    select id, 'local', 'jammy', '{jammy}', state, 'a test', '{}', alive_ms - silent_ms from alive_clock, (values
      ('n-00000001', 'running', -3600000), ('n-00000002', 'running', 40000), ('n-00000003', 'deleting', 40000)
    ) as given (id, state, silent_ms)`.execute(tx),
  );
  await insertOneJob(db);
  await inAnyState(db, (tx) =>
    sql`
    insert into runs (job_id, attempt, state, verdict, started_at)
    select jobs.id, attempt, state, verdict, groundcrew_now() from jobs, (values
      (1, 'running', null), (2, 'running', null), (3, 'finished', 'infra')
    ) as given (attempt, state, verdict) order by attempt`.execute(tx),
  );
  await giveRun(db, 1, 'n-00000001');
  await giveRun(db, 2, 'n-00000002');
  await giveRun(db, 3, 'n-00000002', { ended: true });
});

afterAll(() => server.close());

async function read<Answer>(path: string): Promise<Answer> {
  return (await (await server.call('GET', `/api/v1${path}`)).json()) as Answer;
}

/** Whole tens of seconds of silence: what the test itself takes is less. */
function tens(since: string | null): number | null {
  const { clock } = server.running.services;
  return since === null ? null : Math.floor((clock.now_ms() - Date.parse(since)) / 10_000);
}

test('a node says since when its agent is silent, while it has one to be heard', async () => {
  const node = async (id: string) => (await read<NodeDetail>(`/nodes/${id}`)).node.unheard_since;
  expect(await node('n-00000001')).toBeNull();
  expect(tens(await node('n-00000002'))).toBeGreaterThanOrEqual(4);
  expect(await node('n-00000003')).toBeNull();
  const { items } = await read<{ items: NodeView[] }>('/nodes');
  const silent = items.filter(({ unheard_since }) => unheard_since !== null);
  expect(silent.map(({ id }) => id)).toEqual(['n-00000002']);
});

test('and so does a run, until it is finished', async () => {
  const run = async (id: number) => (await read<RunDetail>(`/runs/${id}`)).unheard_since;
  expect(await run(1)).toBeNull();
  expect(tens(await run(2))).toBeGreaterThanOrEqual(4);
  expect(await run(3)).toBeNull();
});
