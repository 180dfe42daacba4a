/** The value below which the given share of values lies (nearest rank); `NaN` of nothing. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** The middle value: budgets are met by medians of several rounds, since the machine is shared. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}
