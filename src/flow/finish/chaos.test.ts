import fc from 'fast-check';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { GroundcrewError } from '../../base/errors/error.ts';
import type { RunId } from '../../base/ids.ts';
import { submit } from '../submit/submit.ts';
import {
  allocate,
  change,
  outcome,
  plannedJob,
  readyAgent,
  SUBMIT,
  submissionPlan,
  TestAgent,
  type TestFlow,
  testFlow,
  workOff,
} from '../testing/runs.ts';
import { workKinds } from '../work/all.ts';
import { cancelRun } from './cancel.ts';
import { deleteNode } from './hold.ts';
import { reapDue } from './reap.ts';

/** What may happen, in any order and at the same time. `pick` chooses whom it happens to. */
const ACTIONS = [
  'node',
  'allocate',
  'acknowledge',
  'finish',
  'read',
  'late',
  'reap',
  'cancel',
  'delete',
  'gone',
  'back',
] as const;
const anyStep = fc.record({ action: fc.constantFrom(...ACTIONS), pick: fc.nat(50), with_next: fc.boolean() });

/** Agents come and go, words cross, deadlines pass, people cancel and delete: then all of it stops. */
class World {
  readonly flow: TestFlow;
  readonly runs: RunId[] = [];
  readonly #agents: { agent: TestAgent; secret: string }[] = [];

  constructor(flow: TestFlow) {
    this.flow = flow;
  }

  async act(action: (typeof ACTIONS)[number], pick: number): Promise<void> {
    try {
      await this.#do(action, pick);
    } catch (error) {
      // Too late, or for something that is not there: what people and agents are told.
      if (!(error instanceof GroundcrewError) || error.status >= 500) throw error;
    }
  }

  async #do(action: (typeof ACTIONS)[number], pick: number): Promise<void> {
    const { flow } = this;
    const played = this.#agents[pick % Math.max(1, this.#agents.length)];
    switch (action) {
      case 'node':
        if (this.#agents.length < 12) this.#agents.push(await readyAgent(flow));
        return;
      case 'allocate':
        return await allocate(flow);
      case 'read':
        return void (await workOff(flow, workKinds(flow)));
      case 'reap':
        return void (await reapDue(flow));
      case 'late':
        return await this.late();
      case 'cancel':
        return await cancelRun(flow, await this.#anyRun(pick), 'maria', 'not needed');
      case 'gone':
        return await change(flow, `update nodes set state = 'deleted' where state = 'deleting'`);
      case 'delete':
        return await deleteNode(flow, played!.agent.node_id, { actor: 'tom', reason: 'chaos' });
      case 'acknowledge':
        return await this.#speak(played, 'acknowledge');
      case 'finish':
        return await this.#speak(played, 'finish', pick);
      case 'back':
        if (played) played.agent = await TestAgent.connect(flow, played.secret);
        return await played?.agent.hello(null).then(() => undefined);
    }
  }

  async late(): Promise<void> {
    const passed = `groundcrew_now() - interval '1 s'`;
    await change(
      this.flow,
      `update assignments set acknowledge_by_alive_ms = -1 where acknowledge_by_alive_ms is not null`,
    );
    await change(this.flow, `update runs set finish_by_alive_ms = -1 where finish_by_alive_ms is not null`);
    await change(this.flow, `update runs set cancel_by = ${passed} where cancel_by is not null`);
    await change(this.flow, 'update alive_clock set alive_ms = alive_ms + 10000');
  }

  async #anyRun(pick: number): Promise<RunId> {
    const rows = await this.flow.connection.db.selectFrom('runs').select('id').orderBy('id').execute();
    return rows[pick % rows.length]!.id;
  }

  async #speak(played: { agent: TestAgent } | undefined, type: 'acknowledge' | 'finish', pick = 0): Promise<void> {
    if (!played) return;
    const words = await sql<{ id: RunId; fence: number }>`
      select runs.id, given.fence from runs join run_assignments given on given.id = runs.assignment_id
      where given.node_id = ${played.agent.node_id} order by runs.id desc limit 1`.execute(this.flow.connection.db);
    const run = words.rows[0];
    if (!run) return;
    const at = { run_id: run.id, fence: run.fence - (pick % 7 === 0 ? 1 : 0) };
    const ends = ['passed', 'passed', 'failed', 'infra', 'timeout', 'cancelled'] as const;
    if (type === 'acknowledge') await played.agent.say({ type, ...at });
    else await played.agent.say({ type, ...at, outcome: outcome(ends[pick % ends.length]) });
  }

  /** No more mishaps: agents do what they are told until nothing is left to do. */
  async settle(): Promise<void> {
    for (let round = 0; round < 60; round++) {
      const { rows } = await sql<{ left: number }>`
        select count(*)::int as left from runs where state <> 'finished' or results_pending`.execute(
        this.flow.connection.db,
      );
      if (rows[0]?.left === 0) return;
      await this.#do('gone', 0);
      await this.late();
      await reapDue(this.flow);
      await workOff(this.flow, workKinds(this.flow));
      const played = await readyAgent(this.flow);
      await allocate(this.flow);
      await this.#speak(played, 'acknowledge');
      await this.#speak(played, 'finish', 1);
      await workOff(this.flow, workKinds(this.flow));
    }
  }
}

const NOTES = `
  create table verdicts (run_id bigint, verdict text);
  create function note_verdict() returns trigger language plpgsql as $$
  begin insert into verdicts values (new.id, new.verdict); return new; end $$;
  create trigger note_verdict after update of verdict on runs for each row when (new.verdict is not null)
    execute function note_verdict();
  create unique index one_live_attempt on runs (job_id) where state <> 'finished';`;

describe('whatever happens to runs', () => {
  it('each has one verdict, a node one run, a job one live attempt, and all comes to rest', async () => {
    const steps = fc.array(anyStep, { minLength: 10, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(steps, async (happening) => {
        const flow = await testFlow([{ on: 'failure', project: '**', for_ms: 60_000, at_most: 2 }]);
        try {
          await change(flow, NOTES);
          const world = new World(flow);
          const jobs = [
            ...['a', 'b', 'c'].map((name) => plannedJob({ name, retries: 2 })),
            plannedJob({ name: 'd', after: ['a', 'b'] }),
            plannedJob({ name: 'e', after: ['d'] }),
          ];
          await submit(flow, submissionPlan(jobs), SUBMIT);
          await world.act('node', 0);
          let together: Promise<void>[] = [];
          for (const { action, pick, with_next } of happening) {
            together.push(world.act(action, pick));
            if (with_next) continue;
            await Promise.all(together);
            together = [];
          }
          await Promise.all(together);
          await world.settle();
          await expectRest(flow);
        } finally {
          await flow.close();
        }
      }),
      { numRuns: 5, endOnFailure: true },
    );
  }, 120_000);
});

async function expectRest(flow: TestFlow): Promise<void> {
  const { db } = flow.connection;
  const runs = await db.selectFrom('runs').selectAll().orderBy('id').execute();
  expect(runs.filter((run) => run.state !== 'finished' || run.results_pending)).toEqual([]);
  const { rows: verdicts } = await sql`select run_id as id, verdict from verdicts order by run_id`.execute(db);
  expect(verdicts).toEqual(runs.map(({ id, verdict }) => ({ id, verdict })));
  const { rows: nodes } = await sql`
    select distinct nodes.id, nodes.state from assignments join nodes on nodes.id = assignments.node_id
    where nodes.state not in ('held', 'deleting', 'deleted')`.execute(db);
  expect(nodes).toEqual([]);
  const { rows: live } = await sql`select id from live_assignments`.execute(db);
  expect(live).toEqual([]);
  // Each node was given to one run only.
  const { rows: reused } = await sql`select node_id from assignments group by 1 having count(*) > 1`.execute(db);
  expect(reused).toEqual([]);
  const { rows: waiting } = await sql`select id from requests where state = 'waiting'`.execute(db);
  expect(waiting).toEqual([]);
  const build = await db.selectFrom('builds').select('finished_at').executeTakeFirstOrThrow();
  expect(build.finished_at).not.toBeNull();
  for (const run of runs) expect(run.attempt).toBeLessThanOrEqual(3);
}
