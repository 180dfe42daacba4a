/** Results and their formats: codes GC17xx. */
export const resultErrors = {
  GC1701: {
    status: 400,
    what: '{file} is not valid {format} at line {line}, column {column}: {problem}',
    next: 'The run keeps the file; mend what writes it.',
  },
  GC1702: {
    status: 400,
    what: '{file} is empty, so it holds no {format} results.',
    next: 'See the log of the step that should write it.',
  },
  GC1703: {
    status: 400,
    what: '{file} is not {format}: {problem}',
    next: 'Check the path and the format under "results" in the job file.',
  },
  GC1704: {
    status: 400,
    what: '{file} is refused at line {line}, column {column}: {problem}',
    next: 'Write plain {format} without it; the run keeps the file.',
  },
  GC1705: {
    status: 400,
    what: '{file} is written in the encoding "{encoding}", which cannot be read.',
    next: 'Write it in UTF-8.',
  },
  GC1706: {
    status: 500,
    what: 'Reading the results file {file} stopped: {detail}',
    next: 'It is tried again by itself; when it happens again, see the cause in the server log.',
  },
  GC1707: {
    status: 404,
    what: 'There is no build {build} in this project.',
    next: 'List the builds with: groundcrew build list',
  },
  GC1708: {
    status: 400,
    what: 'The cursor "{cursor}" is not one that this list handed out.',
    next: 'Start again without a cursor.',
  },
  GC1709: {
    status: 400,
    what: 'Cannot compare the build {version} with itself.',
    next: 'Name an earlier build with --from VERSION, or none to take the last one before.',
  },
} as const;
