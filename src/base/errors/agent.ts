/** The agent on a node: codes GC19xx. */
export const agentErrors = {
  GC1901: {
    status: 401,
    what: 'The agent was refused: {detail}',
    next: 'A registration token works once; the node is replaced by itself.',
  },
} as const;
