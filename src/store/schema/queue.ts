/** Rows of the durable queue. */
export type QueueTables = Record<never, never>;
