import type { RunId } from '../../base/ids.ts';
import type { AgentNode } from '../../nodes/store/agent.ts';
import type { ServerMessage } from '../../protocol/agent.ts';
import type { Services } from '../services.ts';

/** What the parts of a session share. */
export interface SessionState {
  readonly services: Services;
  readonly node: AgentNode;
  /** Given with the welcome to an agent that registered; null for one that came back. */
  readonly session_secret: string | null;
  /** Of the protocol, as agreed with its agent. */
  readonly version: number;
  /** What its agent works on, as far as this session knows: the fences by run. */
  readonly runs: Map<RunId, number>;
  send(message: ServerMessage): void;
  /** Ends the connection for a reason that the agent may read. */
  end(reason: string): void;
}
