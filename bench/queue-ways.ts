/** One measured way of draining: so many loops, each taking so many items at a time, in one short round. */
export interface Way {
  readonly loops: number;
  readonly batch: number;
  readonly items: number;
}

export const ONE_BY_ONE: Way = { loops: 8, batch: 1, items: 2_000 };
export const IN_BATCHES: Way = { loops: 4, batch: 50, items: 20_000 };
