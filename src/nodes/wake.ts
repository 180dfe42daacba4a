/**
 * What a message on the fleet's channel asks for. Any other text, as a node's name or nothing, asks for everything: that
 * the planner plans, and that the providers' owners look which nodes are due.
 */
export const FLEET_WAKE = {
  /** A node was given out or is gone: plan, soon. */
  plan: 'plan',
  /** Requests were left waiting: plan now. */
  short: 'short',
  /** There are new rows for the owners of the providers. */
  due: 'due',
} as const;
