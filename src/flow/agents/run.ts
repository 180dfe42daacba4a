import { formatSize } from '../../base/units.ts';
import { currentState } from '../../nodes/store/agent.ts';
import type { ActiveRun, AgentMessage } from '../../protocol/agent.ts';
import { appendLog } from '../../runs/store/log.ts';
import type { SessionRun } from '../../runs/store/session.ts';
import { keepStep } from '../../runs/store/steps.ts';
import { acknowledge, finishRun, keptLog, newsOfRun } from './dispatch.ts';
import type { SessionState } from './session-state.ts';

/** Of one run. Agents end a log at 1 GiB, with a line that says so. */
export const LOG_LARGEST_BYTES = 2 ** 30 + 2 ** 20;

const RUN_WORDS = ['acknowledge', 'log', 'step', 'finish'] as const;
type RunWord = Extract<AgentMessage, { type: (typeof RUN_WORDS)[number] }>;

/** Is it about a run? Such words carry a fence and are checked against it. */
export function isRunWord(message: AgentMessage): message is RunWord {
  return (RUN_WORDS as readonly string[]).includes(message.type);
}

/** A word about a run: kept and answered, or refused with `stale`. */
export async function handleRunWord(session: SessionState, message: RunWord): Promise<void> {
  const { run_id, fence } = message;
  const at = { run_id, fence, node_id: session.node.id, epoch: session.node.epoch };
  switch (message.type) {
    case 'acknowledge':
      return await hearAcknowledge(session, at);
    case 'log':
      return await hearLog(session, at, message.offset, Buffer.from(message.data_base64, 'base64'));
    case 'step':
      if (!(await keepStep(session.services.connection.db, at, message.step))) await refuse(session, at);
      return;
    case 'finish':
      if (!(await finishRun(session.services, at, message.outcome))) return await refuse(session, at);
      session.runs.delete(run_id);
      return session.send({ type: 'finish_ack', run_id, fence });
  }
}

async function hearAcknowledge(session: SessionState, at: SessionRun): Promise<void> {
  if (!(await acknowledge(session.services, at))) return await refuse(session, at);
  session.runs.set(at.run_id, at.fence);
  session.send(await keptLog(session.services, at));
  // Cancelled while it was handed out: the agent hears it at once.
  for (const word of await newsOfRun(session.services, at.node_id, { run_id: at.run_id, fence: at.fence }))
    session.send(word);
}

async function hearLog(session: SessionState, at: SessionRun, offset: number, data: Buffer): Promise<void> {
  if (offset + data.length > LOG_LARGEST_BYTES) {
    const reason = `the log of run ${at.run_id} is longer than ${formatSize(LOG_LARGEST_BYTES)}`;
    session.services.log.warn({ node: at.node_id, run_id: at.run_id, offset }, reason);
    return session.end(reason);
  }
  const kept = await appendLog(session.services.connection.db, at, offset, data);
  if (kept === null) return await refuse(session, at);
  const { run_id, fence } = at;
  // What begins beyond the kept bytes would leave a gap: the agent goes back.
  const gap = offset > kept;
  session.send({ type: 'log_ack', run_id, fence, offset: kept, ...(gap ? { resend: true } : {}) });
  if (!gap) session.services.log_growth.grew(run_id);
}

/** Refused: because a newer connection of this agent speaks now, or because the run is not its work any more. */
async function refuse(session: SessionState, run: ActiveRun): Promise<void> {
  const state = await currentState(session.services.connection.db, session.node.id, session.node.epoch);
  if (state === null) return session.end('a newer connection of this agent took over');
  if (session.runs.get(run.run_id) === run.fence) session.runs.delete(run.run_id);
  session.send({ type: 'stale', run_id: run.run_id, fence: run.fence });
}
