import type { ActiveRun, AgentMessage, NodeFacts, ServerMessage } from '../../protocol/agent.ts';
import type { Assignment } from '../../protocol/job.ts';

/**
 * Agents of version 1 of the protocol know one run: `hello` names it or null, and what they are to do comes alone. All
 * other words are those of version 2, and a field more does them no harm.
 */
export interface HelloOfOne {
  type: 'hello';
  version: 1;
  facts: NodeFacts;
  run: ActiveRun | null;
  preflight_done: boolean;
}

export interface AssignmentOfOne {
  type: 'assignment';
  assignment: Assignment | null;
}

export type Heard = AgentMessage | HelloOfOne;
export type Said = ServerMessage | AssignmentOfOne;

/** An agent's word as version 2 says it. */
export function heardFrom(word: Heard): AgentMessage {
  if (word.type !== 'hello' || 'runs' in word) return word;
  const { run, ...rest } = word;
  return { ...rest, oldest_version: 1, capabilities: [], runs: run === null ? [] : [run] };
}

/** The server's word as an agent of this version hears it. */
export function saidTo(version: number, word: ServerMessage): Said {
  if (version > 1 || word.type !== 'assignments') return word;
  return { type: 'assignment', assignment: word.assignments[0] ?? null };
}
