/** Providers, nodes, labels and requests: codes GC14xx. */
export const nodeErrors = {
  GC1401: {
    status: 400,
    what: 'The label expression is not valid: {problem}\n  {expression}\n  {marker}',
    next: 'Write labels with &&, ||, ! and parentheses, for example: jammy && !arm',
  },
  GC1402: {
    status: 409,
    what: 'Cannot hold node {id}: it is held already.',
    next: 'Keep it for longer with: groundcrew node extend {id} --for 8h',
  },
  GC1403: {
    status: 409,
    what: 'Cannot open a shell on node {id}: it is {state}, and the next run would find what the shell leaves there.',
    next: '{how} with: groundcrew node hold {id}',
  },
} as const;
