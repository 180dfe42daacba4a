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

/**
 * An agent's word as version 2 says it. Of a hello of version 1 only what that version has is taken: nothing else of it
 * was checked.
 */
export function heardFrom(word: Heard): AgentMessage {
  if (!isHelloOfOne(word)) return word;
  const { type, version, facts, run, preflight_done } = word;
  const runs = run === null ? [] : [run];
  return { type, version, oldest_version: 1, capabilities: [], facts, runs, preflight_done };
}

/** The version alone says so: fields of version 2 beside it change nothing. */
export function isHelloOfOne(word: Heard): word is HelloOfOne {
  return word.type === 'hello' && word.version === 1;
}

/** The server's word as an agent of this version hears it. */
export function saidTo(version: number, word: ServerMessage): Said {
  if (version > 1 || word.type !== 'assignments') return word;
  return { type: 'assignment', assignment: word.assignments[0] ?? null };
}
