/** Job files, runs, logs and artifacts: codes GC16xx. */
export const runErrors = {
  GC1601: {
    status: 400,
    what: 'The job file {file} has {count}:\n{problems}',
    next: 'Mend them and submit it again.',
  },
  GC1640: {
    status: 409,
    what: 'The idempotency key {key} was used before, for another submission.',
    next: 'Send a new key with new work, and the same work with the same key.',
  },
  GC1641: {
    status: 400,
    what: 'The submission cannot run: {problem}',
    next: 'Mend the job file and submit it again.',
  },
  GC1642: {
    status: 410,
    what: 'Run {run} is not the work of this agent under fence {fence}: it ended, or went to another node.',
    next: 'Nothing needs to be done: the agent ends what it still does for it.',
  },
  GC1643: {
    status: 400,
    what: 'The artifact path {path} is not valid: {detail}',
    next: 'Name a file inside the working directory, with "/" between the parts of its path.',
  },
  GC1644: {
    status: 413,
    what: 'The artifact {path} of run {run} was refused: {detail}',
    next: 'Name fewer or smaller files under "artifacts" and "results" in the job file.',
  },
  GC1645: {
    status: 409,
    what: 'The upload of {path} goes on at byte {offset}, but {kept} bytes of it are kept.',
    next: 'Ask again how much is kept (HEAD) and go on from there.',
  },
  GC1646: {
    status: 400,
    what: 'The agent of node {node} said something that is not in the protocol: {detail}',
    next: 'Use the agent that belongs to this server.',
  },
} as const;
