/** The states of a node and how they follow each other: data that planner, store and dashboard share. */
export const NODE_STATES = [
  'planned',
  'launching',
  'booting',
  'checking',
  'ready',
  'assigned',
  'running',
  'held',
  'deleting',
  'deleted',
] as const;
export type NodeState = (typeof NODE_STATES)[number];

export const NODE_TRANSITIONS: Readonly<Record<NodeState, readonly NodeState[]>> = {
  planned: ['launching', 'deleting'],
  launching: ['booting', 'checking', 'deleting'],
  booting: ['checking', 'deleting'],
  checking: ['ready', 'held', 'deleting'],
  ready: ['assigned', 'held', 'deleting'],
  assigned: ['running', 'deleting'],
  running: ['held', 'deleting'],
  held: ['deleting'],
  deleting: ['deleted'],
  deleted: [],
};

/** In which a node may begin. */
export const NODE_FIRST_STATES: readonly NodeState[] = ['planned'];

/** In which it waits for a word of its agent, which only a living server can hear: an outage of ours makes none late. */
export const WAITS_FOR_AGENT_STATES: readonly NodeState[] = ['launching', 'booting', 'checking', 'assigned', 'running'];

/** On the way to be ready. */
export const COMING_STATES: readonly NodeState[] = ['planned', 'launching', 'booting', 'checking'];
/** Has, or may have, a machine behind it. */
export const LIVE_STATES: readonly NodeState[] = NODE_STATES.filter((state) => state !== 'deleted');

export type NodeAction = 'delete' | 'hold' | 'release' | 'extend' | 'shell';

/** What a person may do to a node in each state; the dashboard shows the others disabled. */
export const NODE_ACTIONS: Readonly<Record<NodeAction, readonly NodeState[]>> = {
  delete: ['planned', 'launching', 'booting', 'checking', 'ready', 'assigned', 'running', 'held'],
  hold: ['ready', 'running'],
  release: ['held'],
  extend: ['held'],
  // What a shell leaves behind must reach no run: only where no other run is given the node any more.
  shell: ['held', 'assigned', 'running'],
};

/** Not yet given out, or about to be: a shell would change what the next run finds. */
export const UNUSED_STATES: readonly NodeState[] = [...COMING_STATES, 'ready'];

export function canMove(from: NodeState, to: NodeState): boolean {
  return NODE_TRANSITIONS[from].includes(to);
}
