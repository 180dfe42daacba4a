/** Results and their formats: codes GC17xx. */
export const resultErrors = {
  GC1701: {
    status: 400,
    what: '{file} is not valid {format} at line {line}, column {column}: {problem}',
    next: 'The run keeps the file; mend what writes it.',
  },
} as const;
