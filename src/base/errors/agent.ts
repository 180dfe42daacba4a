/** The agent on a node: codes GC19xx. */
export const agentErrors = {
  GC1901: {
    status: 401,
    what: 'The agent was refused: {detail}',
    next: 'A registration token works once; the node is replaced by itself.',
  },
  GC1902: {
    status: 500,
    what: 'The agent cannot start: {file}: {detail}',
    next: 'Name a readable file in GROUNDCREW_AGENT_FILE, or after a restart the state file in GROUNDCREW_STATE_FILE.',
  },
  GC1903: {
    status: 400,
    what: 'The checkout archive was refused at entry {entry}: {detail}',
    next: 'Submit the job again with an archive that holds plain files, directories and links inside itself only.',
  },
  GC1904: {
    status: 502,
    what: 'The server answered {status} to {method} {path}',
    next: 'The agent tries again by itself where that can help; the server log says why it answered so.',
  },
} as const;
