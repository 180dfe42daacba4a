import { sql } from 'kysely';
import { type NodeId, parseNodeId, type RunId } from '../../base/ids.ts';
import { silentLog } from '../../base/log.ts';
import { randomName, randomSecret, secretHash, systemRandom } from '../../base/random.ts';
import { until } from '../../base/testing/until.ts';
import { type VirtualClock, virtualClock } from '../../base/testing/virtual-clock.ts';
import type { Config, HoldConfig } from '../../config/schema.ts';
import type { NodeFacts, RunOutcome } from '../../protocol/agent.ts';
import type { Assignment } from '../../protocol/job.ts';
import type { BoundKind, ClaimedItem } from '../../queue/contract.ts';
import { claimItems, completeItems } from '../../queue/store/items.ts';
import type { PlannedJob, SubmissionPlan } from '../../runs/jobfile/plan.ts';
import { openListener } from '../../store/notify.ts';
import { type TestDatabase, testDatabase } from '../../store/testing/database.ts';
import { driveTime } from '../../store/testing/driven-time.ts';
import { traceLocks } from '../../store/testing/lock-trace.ts';
import { inAnyState } from '../../store/testing/states.ts';
import { type AgentSession, openAgentSession } from '../agents/session.ts';
import type { Heard, Said } from '../agents/version-one.ts';
import { allocateBatch } from '../allocate/allocate.ts';
import { openServices } from '../open-services.ts';
import type { Services } from '../services.ts';
import { MemoryBlobs } from './memory-blobs.ts';

/** A server's flow on a database of its own, without providers: tests put nodes in, and play their agents. */
export interface TestFlow extends Services {
  readonly connection: TestDatabase;
  readonly blobs: MemoryBlobs;
  /** Stands still until a test moves it, as the database's time does; `pass` moves both. */
  readonly clock: VirtualClock;
  pass(duration_ms: number): Promise<void>;
  close(): Promise<void>;
}

const POOL = { boot_timeout_ms: 60_000, options: {}, limits: { nodes: null } };

/** Opens it; `holds` are the configuration's rules. */
export async function testFlow(holds: HoldConfig[] = []): Promise<TestFlow> {
  const locks = traceLocks();
  const connection = await testDatabase();
  const listener = await openListener(connection.client_config, silentLog, virtualClock());
  const time = await driveTime(connection.db, { stopped: true });
  const clock = virtualClock({ start_ms: await time.now_ms() });
  const node_type = { name: 'jammy', labels: ['jammy'], preflight: [], env: { CI: 'true' }, ...POOL };
  const config: Config = {
    labels: {},
    providers: { local: { driver: 'local', options: {}, limits: {}, written: {}, nodes: [node_type] } },
    holds,
    server: { host: '127.0.0.1', port: 0, data_directory: '/nowhere', database_url: null },
    blobs: { directory: 'blobs' },
  };
  return openServices({
    ...{ connection, listener, clock, random: systemRandom, log: silentLog, blobs: new MemoryBlobs(clock) },
    config: () => config,
    providers: () => new Map(),
    deployment: { id: 'test', observing: false },
    agent_server_url: () => 'unix:/nowhere',
    async pass(duration_ms: number) {
      await time.advance(duration_ms);
      await clock.advance(duration_ms);
    },
    async close() {
      await listener.close();
      await connection.close();
      locks.stop();
    },
  });
}

export const FACTS: NodeFacts = {
  agent_version: 'test',
  hostname: 'test',
  kernel: 'test',
  cores: 1,
  memory_bytes: 1,
  isolation: 'none',
};

/** A booting node and the token that its agent may use once. */
export async function insertNode(flow: Services): Promise<{ node_id: NodeId; token: string }> {
  const node_id = parseNodeId(`n-${randomName(flow.random, 8)}`) as NodeId;
  const token = randomSecret(flow.random);
  await inAnyState(flow.connection.db, (tx) =>
    tx
      .insertInto('nodes')
      .values({
        ...{ id: node_id, provider: 'local', node_type: 'jammy', labels: ['jammy'], state: 'booting' },
        ...{ plan_reason: 'a test wants it', options: '{}', registration_hashes: [secretHash(token)] },
      })
      .execute(),
  );
  return { node_id, token };
}

/** An agent as a test plays it, on one connection: one of version 1, that stays connected. */
export class TestAgent {
  readonly session: AgentSession;
  readonly heard: Said[];
  readonly #end: { reason: string | null };

  private constructor(session: AgentSession, heard: Said[], end: { reason: string | null }) {
    this.session = session;
    this.heard = heard;
    this.#end = end;
  }

  static async connect(flow: Services, bearer: string): Promise<TestAgent> {
    const heard: Said[] = [];
    const end: { reason: string | null } = { reason: null };
    const session = await openAgentSession(flow, {
      bearer,
      send: (message) => void heard.push(structuredClone(message)),
      close: (reason) => {
        end.reason = reason;
      },
    });
    return new TestAgent(session, heard, end);
  }

  /** Why the server ended the connection, or null. */
  get ended(): string | null {
    return this.#end.reason;
  }

  get node_id(): NodeId {
    return this.session.node_id;
  }

  async say(message: Heard): Promise<void> {
    await this.session.receive(message);
  }

  async hello(run: { run_id: RunId; fence: number } | null = null, preflight_done = true): Promise<string | null> {
    await this.say({ type: 'hello', version: 1, facts: FACTS, run, preflight_done });
    return this.all('welcome').at(-1)?.session_secret ?? null;
  }

  all<Type extends Said['type']>(type: Type): Extract<Said, { type: Type }>[] {
    return this.heard.filter((message): message is Extract<Said, { type: Type }> => message.type === type);
  }

  /** The last word of this type; waits for it when there is none yet. Earlier words are forgotten. */
  async next<Type extends Said['type']>(type: Type): Promise<Extract<Said, { type: Type }>> {
    await until(() => this.all(type).length > 0, `the word "${type}"`);
    const word = this.all(type).at(-1);
    this.heard.length = 0;
    return word as Extract<Said, { type: Type }>;
  }
}

/** An agent whose node is ready, and the secret of its session. */
export async function readyAgent(flow: Services): Promise<{ agent: TestAgent; secret: string }> {
  const { token } = await insertNode(flow);
  const agent = await TestAgent.connect(flow, token);
  const secret = (await agent.hello(null, false)) as string;
  await agent.say({ type: 'preflight', ok: true, tasks: [] });
  agent.heard.length = 0;
  return { agent, secret };
}

/** One job with a step and no results, unless told otherwise. */
export function plannedJob(change: Partial<Omit<PlannedJob, 'spec'>> & { results?: string[] } = {}): PlannedJob {
  const { results = [], ...rest } = change;
  const [name, environment] = [rest.name ?? 'test', rest.environment ?? 'jammy'];
  return {
    ...{ name, environment, expression: 'jammy', hold: null, retries: 1, after: [] },
    ...rest,
    spec: {
      ...{ project: 'acme/widget', build: '1', job: name, environment, env: {}, checkout: false, artifacts: [] },
      steps: [{ name: 'test', run: 'true', timeout_ms: 60_000, env: {} }],
      results: results.map((path) => ({ path, format: 'junit' })),
      timeout_ms: 120_000,
    },
  };
}

export function submissionPlan(jobs: PlannedJob[] = [plannedJob()], build = '1'): SubmissionPlan {
  return { project: 'acme/widget', build, checkout: null, jobs };
}

export const SUBMIT = { submitted_by: 'maria', idempotency_key: null, checkout_blob: null };

/** Hands waiting runs to ready nodes, as the allocator would, until nothing changes any more. */
export async function allocate(flow: Services): Promise<void> {
  while ((await allocateBatch(flow)) === 'stale');
}

/** An agent that runs: handed a run that was submitted before, and acknowledged. */
export async function runningAgent(
  flow: Services,
): Promise<{ agent: TestAgent; secret: string; assignment: Assignment; run_id: RunId; fence: number }> {
  const { agent, secret } = await readyAgent(flow);
  await allocate(flow);
  await until(() => agent.all('assignment').some((word) => word.assignment !== null), 'an assignment');
  const assignment = agent.all('assignment').find((word) => word.assignment !== null)?.assignment as Assignment;
  const { run_id, fence } = assignment;
  await agent.say({ type: 'acknowledge', run_id, fence });
  await agent.next('log_ack');
  return { agent, secret, assignment, run_id, fence };
}

/** How a payload ended, in an agent's words. */
export function outcome(state: RunOutcome['state'] = 'passed', reason = 'every step passed'): RunOutcome {
  return { state, reason, log_bytes: 0, durations_ms: { steps: 1 } };
}

/** The columns of runs that tests look at, with their last hand-out's: `fence` is the last that was given out. */
export function runRows(flow: Services) {
  return flow.connection.db
    .selectFrom('runs')
    .leftJoin('run_assignments as given', 'given.id', 'runs.assignment_id')
    .selectAll('runs')
    .select(['given.node_id', 'given.epoch', 'given.lease_until_alive_ms'])
    .select(({ selectFrom }) =>
      selectFrom('run_assignments as all')
        .select('all.fence')
        .whereRef('all.run_id', '=', 'runs.id')
        .orderBy('all.fence', 'desc')
        .limit(1)
        .as('fence'),
    );
}

export async function runRow(flow: Services, run_id: RunId) {
  return await runRows(flow).where('runs.id', '=', run_id).executeTakeFirstOrThrow();
}

export async function nodeState(flow: Services, node_id: NodeId): Promise<string> {
  const row = flow.connection.db.selectFrom('nodes').select('state').where('id', '=', node_id);
  return (await row.executeTakeFirstOrThrow()).state;
}

/** Sets columns of rows by hand: time that passed, and things that other parts would do. */
export async function change(flow: Services, statement: string): Promise<void> {
  await sql.raw(statement).execute(flow.connection.db);
}

/** One of the kinds. */
export function kindNamed(kinds: readonly BoundKind[], name: string): BoundKind {
  return kinds.find((kind) => kind.name === name) as BoundKind;
}

/** Claims every item that is due and has a handler, and works it off; answers their kinds. */
export async function workOff(flow: Services, kinds: readonly BoundKind[]): Promise<string[]> {
  const worked: string[] = [];
  for (const lane of ['ingest', 'postprocess'] as const) {
    for (const item of await claim(flow, lane, kinds)) {
      worked.push(item.kind);
      await workOne(flow, item, kindNamed(kinds, item.kind));
    }
  }
  return worked;
}

export async function claim(
  flow: Services,
  lane: 'ingest' | 'postprocess',
  kinds: readonly BoundKind[],
): Promise<ClaimedItem[]> {
  return await claimItems(flow.connection.db, {
    lane,
    kinds: kinds.map(({ name }) => name),
    worker: 'test',
    limit: 100,
  });
}

/** One attempt at an item, as a worker makes it. */
export async function workOne(flow: Services, item: ClaimedItem, kind: BoundKind): Promise<void> {
  let completed = false;
  await kind.handle(item, {
    ...{ signal: new AbortController().signal, log: flow.log, checkpoint: async () => undefined },
    async complete(effect) {
      const answer = await flow.connection.db.transaction().execute(async (tx) => {
        // As a worker does: the fence before the effect, so that what an old claim would do is not even begun.
        await completeItems(tx, [item]);
        return await effect(tx);
      });
      completed = true;
      return answer;
    },
  });
  if (!completed) await completeItems(flow.connection.db, [item]);
}
