/**
 * What people are told of a deployment that an import made without --take-over, in the same words everywhere. Its
 * identity is its own, so that it never touches the machines of the original: those can be taken over at the import only.
 */
export const ONLY_OBSERVES =
  'This deployment only observes: it was made from a backup, and launches and deletes nothing.';

/** The way on beside the original, and for a copy whose original's machines do not matter. */
export const HOW_TO_AGREE =
  'To let it work, beside the original and with machines of its own, as an admin: groundcrew fleet agree';

/** The way on in place of the original. */
export const HOW_TO_TAKE_OVER =
  'When the original is gone for good, and its nodes and runs are to go on: groundcrew import FILE --take-over, into an ' +
  'empty data directory';

/** For what waits for a node there. */
export const NEVER_UNTIL_AGREED = 'Expected: never, until an admin lets this deployment act: groundcrew fleet agree';
