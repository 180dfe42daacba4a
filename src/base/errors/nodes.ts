/** Providers, nodes, labels and requests: codes GC14xx. */
export const nodeErrors = {
  GC1401: {
    status: 400,
    what: 'The label expression is not valid: {problem}\n  {expression}\n  {marker}',
    next: 'Write labels with &&, ||, ! and parentheses, for example: jammy && !arm',
  },
} as const;
