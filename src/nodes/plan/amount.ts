/** Machines, and what they take of a provider's cores and memory. */
export interface Amount {
  nodes: number;
  cores: number;
  memory_bytes: number;
}

export const DIMENSIONS = ['nodes', 'cores', 'memory_bytes'] as const;

export function nothing(): Amount {
  return { nodes: 0, cores: 0, memory_bytes: 0 };
}

/** Sums of fractions of a core are compared with this much room for error. */
const TOLERANCE = 1e-6;

/** One node of these options. A driver whose node types say no `cores` or `memory_bytes` is counted by its nodes alone. */
export function amountOf(options: Readonly<Record<string, unknown>>): Amount {
  return { nodes: 1, cores: figure(options.cores), memory_bytes: figure(options.memory_bytes) };
}

function figure(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : 0;
}

/** Counts it so many times more, in place. */
export function add(to: Amount, amount: Readonly<Amount>, times: number): void {
  to.nodes += amount.nodes * times;
  to.cores += amount.cores * times;
  to.memory_bytes += amount.memory_bytes * times;
}

/** The same for one node of these options: a plan counts each of ten thousand. */
export function addNode(to: Amount, options: Readonly<Record<string, unknown>>, times: number): void {
  to.nodes += times;
  const { cores, memory_bytes } = options;
  if (cores !== undefined) to.cores += figure(cores) * times;
  if (memory_bytes !== undefined) to.memory_bytes += figure(memory_bytes) * times;
}

/** How often the need fits into what is left; what it does not need may be overdrawn. */
export function timesIn(left: Readonly<Amount>, need: Readonly<Amount>): number {
  let times = Number.POSITIVE_INFINITY;
  for (const key of DIMENSIONS) {
    if (need[key] > 0) times = Math.min(times, Math.floor(left[key] / need[key] + TOLERANCE));
  }
  return times;
}

/** What is too little for the need; null: it fits. */
export function firstShort(left: Readonly<Amount>, need: Readonly<Amount>): keyof Amount | null {
  return DIMENSIONS.find((key) => need[key] > 0 && left[key] / need[key] + TOLERANCE < 1) ?? null;
}
