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
