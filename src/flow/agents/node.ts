import { renewLeases } from '../../assignments/store/life.ts';
import { lockBuild } from '../../builds/store/life.ts';
import { preflightFailed } from '../../nodes/preflight.ts';
import { currentState, nodesSeen } from '../../nodes/store/agent.ts';
import { saveFacts } from '../../nodes/store/facts.ts';
import { lockNode } from '../../nodes/store/move.ts';
import type { AgentMessage } from '../../protocol/agent.ts';
import { contextOfRun } from '../../runs/store/context.ts';
import { runningRunsOf } from '../../runs/store/life.ts';
import { endRun } from '../finish/finish.ts';
import { resumeRun } from './dispatch.ts';
import type { SessionState } from './state.ts';

type Word<Type extends AgentMessage['type']> = Extract<AgentMessage, { type: Type }>;

/** The agent's first word: the welcome, with what the node is to check, then where its run stands. */
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
    node_id: node.id,
    epoch: node.epoch,
    session_secret: session.session_secret,
    preflight: type?.preflight ?? [],
    env: type?.env ?? {},
  });
  if (hello.run === null) return await endForgotten(session);
  const at = { ...hello.run, node_id: node.id, epoch: node.epoch };
  const words = await resumeRun(services, at);
  session.run = words.some(({ type }) => type === 'log_ack') ? hello.run : null;
  for (const word of words) session.send(word);
}

/**
 * An agent that came back without the run that its node runs has lost it: nobody will ever finish that run. Only its
 * newest connection knows that: another may have been given the run since.
 */
async function endForgotten(session: SessionState): Promise<void> {
  const { services, node } = session;
  const { db } = services.connection;
  for (const { run_id, assignment_id } of await runningRunsOf(db, node.id)) {
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
  if (session.run !== null) await renewLeases(db, node.id, node.epoch);
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
