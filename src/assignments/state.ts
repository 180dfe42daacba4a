/**
 * `offered` to a node whose agent has not acknowledged it; `active`: the node works for its subject, or is kept as it is
 * for it; `ended`; `taken_back`: nobody acknowledged it, and the subject goes to another node.
 */
export const ASSIGNMENT_STATES = ['offered', 'active', 'ended', 'taken_back'] as const;
export type AssignmentState = (typeof ASSIGNMENT_STATES)[number];

/** `active` at once is what no agent has to acknowledge: the nodes of a request without a run. */
export const ASSIGNMENT_FIRST_STATES: readonly AssignmentState[] = ['offered', 'active'];

export const ASSIGNMENT_TRANSITIONS: Readonly<Record<AssignmentState, readonly AssignmentState[]>> = {
  offered: ['active', 'ended', 'taken_back'],
  active: ['ended'],
  ended: [],
  taken_back: [],
};

/** What a node is given to do. `request`: it is given to whoever asked for it, to do with it what they like. */
export const ASSIGNMENT_KINDS = ['run', 'payload', 'bake', 'validation', 'request'] as const;
export type AssignmentKind = (typeof ASSIGNMENT_KINDS)[number];
