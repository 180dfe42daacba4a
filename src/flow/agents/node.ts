import { renewLeases } from '../../assignments/store/life.ts';
import type { RunId } from '../../base/ids.ts';
import { lockBuild } from '../../builds/store/life.ts';
import { preflightFailed } from '../../nodes/preflight.ts';
import { currentState, nodesSeen, saveFacts } from '../../nodes/store/agent.ts';
import { lockNode } from '../../nodes/store/move.ts';
import type { AgentMessage } from '../../protocol/agent.ts';
import { contextOfRun } from '../../runs/store/context.ts';
import { runningRunsOf } from '../../runs/store/life.ts';
import { endRun } from '../finish/finish.ts';
import { resumeRun } from './dispatch.ts';
import type { SessionState } from './session-state.ts';

/** How many runs a node is given at once. */
const SLOTS = 1;

type Word<Type extends AgentMessage['type']> = Extract<AgentMessage, { type: Type }>;

/** The agent's first word: the welcome, with what the node is to check, then where its runs stand. */
export async function beginSession(session: SessionState, hello: Word<'hello'>): Promise<void> {
  const { services, node } = session;
  await saveFacts(services.connection.db, node.id, node.epoch, hello.facts);
  const type = services.config().providers[node.provider]?.nodes.find(({ name }) => name === node.node_type);
  // Without its node type there is nothing to check it by, and what was not checked never gets work. The planner drains
  // it, or a server that knows the type lets its agent in. One that was checked before goes on with what it does.
  if (type === undefined && node.state === 'checking') {
    return session.end(`this server's configuration has no node type ${node.node_type} of ${node.provider}`);
  }
  session.send({
    type: 'welcome',
    version: session.version,
    node_id: node.id,
    epoch: node.epoch,
    session_secret: session.session_secret,
    preflight: type?.preflight ?? [],
    env: type?.env ?? {},
    slots: hello.capabilities.includes('slots') ? SLOTS : 1,
  });
  for (const run of hello.runs) {
    const words = await resumeRun(services, { ...run, node_id: node.id, epoch: node.epoch });
    if (words.some((word) => word.type === 'log_ack')) session.runs.set(run.run_id, run.fence);
    for (const word of words) session.send(word);
  }
  await endForgotten(session, new Set(hello.runs.map(({ run_id }) => run_id)));
}

/**
 * An agent that came back without a run that its node runs has lost it: nobody will ever finish that run. Only its
 * newest connection knows that: another may have been given the run since.
 */
async function endForgotten(session: SessionState, named: ReadonlySet<RunId>): Promise<void> {
  const { services, node } = session;
  const { db } = services.connection;
  for (const { run_id, assignment_id } of await runningRunsOf(db, node.id)) {
    if (named.has(run_id)) continue;
    const tell = await db.transaction().execute(async (tx) => {
      const run = await contextOfRun(tx, run_id);
      if (run === null || run.assignment_id !== assignment_id) return null;
      await lockBuild(tx, run.build_id);
      if ((await lockNode(tx, node.id))?.epoch !== node.epoch) return null;
      const reason = `the agent of ${node.id} came back without it`;
      const end = { from: ['running'] as const, machine_uncertain: true };
      return await endRun(tx, services, run, { verdict: 'infra', reason }, end);
    });
    tell?.();
  }
}

/** The agent lives: so does its node, and the leases of what it works for begin again. */
export async function hearHeartbeat(session: SessionState): Promise<void> {
  const { services, node } = session;
  const { db } = services.connection;
  if ((await currentState(db, node.id, node.epoch)) === null) {
    return session.end('a newer connection of this agent took over');
  }
  await nodesSeen(db, [node.id]);
  if (session.runs.size > 0) await renewLeases(db, node.id, node.epoch);
}

/** The checks ended. The report comes again with every connection; only a node that is being checked takes it. */
export async function hearPreflight(session: SessionState, { ok, tasks }: Word<'preflight'>): Promise<void> {
  const { services, node } = session;
  const report = { node_id: node.id, epoch: node.epoch, tasks };
  const taken = ok
    ? await services.ready_nodes.add(report)
    : await services.connection.db.transaction().execute((tx) => preflightFailed(tx, report));
  if (taken) services.log.info({ node: node.id, ok, tasks: tasks.length }, 'pre-flight ended');
}
