/** First half of every advisory lock's key, so that other programs on the same database do not meet ours. */
const OURS = 0x6763;

/** Advisory locks by name: (ours, number). A number is never used again for something else. */
export const LOCK_KEYS = {
  migrate: [OURS, 1],
  import: [OURS, 2],
  allocator: [OURS, 3],
  deployment: [OURS, 4],
  planner: [OURS, 5],
  holds: [OURS, 6],
  reaper: [OURS, 7],
  access: [OURS, 8],
  shared_leases: [OURS, 9],
} as const satisfies Record<string, readonly [number, number]>;

export type LockName = keyof typeof LOCK_KEYS;
