/** Job files, runs, logs and artifacts: codes GC16xx. */
export const runErrors = {
  GC1601: {
    status: 400,
    what: 'The job file {file} has {count} problem(s):\n{problems}',
    next: 'Mend them and submit it again.',
  },
} as const;
