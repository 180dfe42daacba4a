/** Rows of the results store. */
export type ResultTables = Record<never, never>;
