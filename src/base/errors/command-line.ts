/** What only the command line says: codes GC104x. */
export const commandLineErrors = {
  GC1040: {
    status: 404,
    what: '{project} has {count} that "{text}" may mean.{names}',
    next: 'Name it whole: groundcrew test history PROJECT SUITE NAME. Look for it with: groundcrew test find',
  },
  GC1041: {
    status: 502,
    what: 'The shell on {node} broke off: {detail}',
    next: 'Look at the node with: groundcrew node show {node}',
  },
  GC1042: {
    status: 400,
    what: 'Cannot write {file}: {detail}',
    next: 'Name another file {how}.',
  },
  GC1043: {
    status: 400,
    what: 'Cannot read {file}: {detail}',
    next: 'Name another file.',
  },
  GC1044: {
    status: 400,
    what: 'Cannot read the job file {file}: {detail}',
    next: 'Name another with: groundcrew job submit FILE',
  },
  GC1045: {
    status: 404,
    what: 'Run {run} left no file {path}. {hint}',
    next: 'List its files with: groundcrew run show {run}',
  },
  GC1046: {
    status: 502,
    what: 'The file {path} did not arrive as it was kept: {bytes} of {expected} bytes came, or its SHA-256 differs.',
    next: 'Nothing was written. Fetch it again; when that does not help, see the server log.',
  },
  GC1047: {
    status: 404,
    what: 'There is no build {text}: builds are named PROJECT@VERSION, or by their number.{hint}',
    next: 'List them with: groundcrew build list',
  },
  GC1048: {
    status: 404,
    what: 'There is no {kind} {text}: a {kind} is named by its number.',
    next: 'Look for its number with: groundcrew {list}',
  },
} as const;
