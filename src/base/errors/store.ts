/** Database, queue and object store: codes GC12xx. */
export const storeErrors = {
  GC1207: {
    status: 500,
    what: 'Cannot start: another server (pid {pid}, since {since}) uses {directory}.',
    next: 'Stop it, or give this one its own directory with --data DIR.',
  },
} as const;
