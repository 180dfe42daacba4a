import type { NodeId } from '../../base/ids.ts';
import type { AgentSession } from '../../flow/agents/session.ts';

/** The agents connected to this process, so that a shell finds its node's session. */
export class AgentSessions {
  readonly #byNode = new Map<NodeId, AgentSession>();

  add(session: AgentSession): void {
    this.#byNode.set(session.node_id, session);
  }

  /** Removes this session, not a newer one of the same node. */
  remove(session: AgentSession): void {
    if (this.#byNode.get(session.node_id) === session) this.#byNode.delete(session.node_id);
  }

  find(node_id: NodeId): AgentSession | null {
    return this.#byNode.get(node_id) ?? null;
  }

  get count(): number {
    return this.#byNode.size;
  }
}
