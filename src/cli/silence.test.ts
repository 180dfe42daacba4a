import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { giveRun } from '../assignments/testing/give.ts';
import { insertOneJob } from '../server/testing/one-job.ts';
import { type ScratchServer, startScratch } from '../server/testing/scratch-server.ts';
import { inAnyState } from '../store/testing/states.ts';
import { runCommand } from './testing/run-command.ts';

let server: ScratchServer;

/** Two runs of one job on a node that is silent for an hour: the first is given up, with a step that nobody ended. */
beforeAll(async () => {
  server = await startScratch({ roles: new Set(['api']) });
  const { db } = server.running.services.connection;
  await inAnyState(db, (tx) =>
    sql`
    insert into nodes (id, provider, node_type, labels, state, plan_reason, options, agent_seen_alive_ms)
    select 'n-00000001', 'local', 'jammy', '{jammy}', 'running', 'a test', '{}', alive_ms - 3600000
    from alive_clock`.execute(tx),
  );
  await insertOneJob(db);
  await inAnyState(db, (tx) =>
    sql`
    insert into runs (job_id, attempt, state, verdict, queued_at, assigned_at, started_at, ended_at, finished_at)
    select id, 1, 'finished', 'infra', at, at, at, at + interval '20 s', at + interval '80 s'
    from jobs, (select groundcrew_now() - interval '1 h' as at) begun`.execute(tx),
  );
  await inAnyState(db, (tx) =>
    sql`
    insert into runs (job_id, attempt, state, started_at)
    select id, 2, 'running', groundcrew_now() from jobs`.execute(tx),
  );
  await giveRun(db, 1, 'n-00000001', { ended: true });
  await giveRun(db, 2, 'n-00000001');
  await sql`
    insert into run_steps (run_id, ordinal, name, state, started_at, log_offset)
    select id, 0, 'test', 'running', started_at, 0 from runs where attempt = 1`.execute(db);
});

afterAll(() => server.close());

async function said(line: string): Promise<string> {
  const { directory } = server;
  const environment = { GROUNDCREW_DATA: `${directory}/data` };
  const result = await runCommand(line.split(' '), { directory, environment });
  expect(result).toMatchObject({ status: 0, stderr: '' });
  return result.stdout;
}

test('a run and a node tell how long nothing was heard of the agent', async () => {
  expect(await said('run show 2')).toMatch(
    /^ {2}! its node was not heard of for \d+ min; after 1 min the run is given up$/m,
  );
  expect(await said('node show n-00000001')).toMatch(/^ {2}! its agent was not heard of for \d+ min$/m);
  expect(await said('node explain n-00000001')).toMatch(/^Its agent was not heard of for \d+ min\.$/m);
});

test('a run that was given up shows the time until then apart, and its step as lost', async () => {
  const text = await said('run show 1');
  expect(text).toContain('steps\u00a020.0\u00a0s · not heard of\u00a01\u00a0min');
  expect(text).toMatch(/^ {2}test\s+− cancelled\s+lost\s+20/m);
  expect(text).not.toContain('running');
  expect(text).not.toContain('is given up');
});
