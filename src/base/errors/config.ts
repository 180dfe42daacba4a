/** Configuration: codes GC11xx. */
export const configErrors = {
  GC1101: {
    status: 400,
    what: 'The configuration {file} has {count}:\n{problems}',
    next: 'Mend them, then run: groundcrew config check {file}',
  },
  GC1102: {
    status: 400,
    what: 'Cannot read the configuration {file}: {detail}',
    next: 'Name another with: {how}',
  },
} as const;
