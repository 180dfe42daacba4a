/**
 * `waiting` for other jobs (`after:`) or for a lost machine to be gone; `queued` with a request; `assigned` to a node
 * that has not acknowledged; `running`; `finishing`: the payload ended and results are read, the node is frozen;
 * `finished` with exactly one verdict.
 */
export const RUN_STATES = ['waiting', 'queued', 'assigned', 'running', 'finishing', 'finished'] as const;
export type RunState = (typeof RUN_STATES)[number];

export const RUN_TRANSITIONS: Readonly<Record<RunState, readonly RunState[]>> = {
  waiting: ['queued', 'finished'],
  queued: ['assigned', 'finished'],
  // Back to queued when the node never acknowledged: the payload has not started.
  assigned: ['running', 'queued', 'finished'],
  running: ['finishing', 'finished'],
  finishing: ['finished'],
  finished: [],
};

/** In which a run may begin. */
export const RUN_FIRST_STATES: readonly RunState[] = ['waiting', 'queued'];

/** `skipped`: a job that it comes after did not pass. `infra` is never the tests' fault and is retried elsewhere. */
export const RUN_VERDICTS = ['passed', 'failed', 'infra', 'timeout', 'cancelled', 'skipped'] as const;
export type RunVerdict = (typeof RUN_VERDICTS)[number];
