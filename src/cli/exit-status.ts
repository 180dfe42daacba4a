/** What the program ends with; part of its documentation. */
export const EXIT = {
  /** It is done. */
  fine: 0,
  /** It could not be done; standard error says why. */
  error: 1,
  /** The command line is wrong. */
  usage: 2,
  /** It is done, and what it was about did not pass. */
  failed: 3,
  /** It is done, and whether what it was about is well cannot be told. */
  undecided: 4,
  /** Ended by Ctrl-C. */
  interrupted: 130,
  /** Nobody reads the answer any more. */
  unread: 141,
} as const;

/** What each means: in a word or two for `--help`, whole for the reference page. */
export const STATUS_MEANINGS: readonly { status: number; short: string; meaning: string }[] = [
  { status: EXIT.fine, short: 'done', meaning: 'it is done' },
  { status: EXIT.error, short: 'an error', meaning: 'an error; standard error says what is wrong and what to do' },
  { status: EXIT.usage, short: 'a wrong command line', meaning: 'the command line is wrong' },
  {
    status: EXIT.failed,
    short: 'what it was about failed',
    meaning:
      'it is done, and what it was about did not pass: a run of `job submit --wait`, `build compare --fail-on-regression`',
  },
  {
    status: EXIT.undecided,
    short: 'that cannot be told',
    meaning:
      'it is done, and whether what it was about is well cannot be told: `build compare --fail-on-regression` of builds that are not finished or have nothing in common',
  },
  { status: EXIT.interrupted, short: 'ended by Ctrl-C', meaning: 'ended by Ctrl-C' },
  {
    status: EXIT.unread,
    short: 'nobody reads the answer',
    meaning: 'nobody reads the answer any more, as with a pipe to `head`',
  },
];
