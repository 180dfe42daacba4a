/** One measured number and what it should be. Printed as one JSON line. */
export interface Figure {
  /** `area: what`, lower case, the same from run to run. */
  name: string;
  value: number;
  /** `ms`, `items/s`, `MB`, … */
  unit: string;
  /** `<= 5` or `>= 3000`; null where the number is only for comparison (a peer, a detail). */
  budget: string | null;
  ok: boolean;
  /** Of a ratio: the middle half of what the rounds gave. */
  spread?: [number, number];
}

/** What the number should be at most, or at least; neither for a number that has no budget. */
export type Budget = { at_most: number } | { at_least: number } | null;

/** A figure with its verdict. The value is rounded to four digits for the eye; the verdict is by the exact one. */
export function figure(name: string, value: number, unit: string, budget: Budget): Figure {
  return { name, value: Number(value.toPrecision(4)), unit, budget: formatBudget(budget), ok: isWithin(value, budget) };
}

function formatBudget(budget: Budget): string | null {
  if (budget === null) return null;
  return 'at_most' in budget ? `<= ${budget.at_most}` : `>= ${budget.at_least}`;
}

function isWithin(value: number, budget: Budget): boolean {
  if (!Number.isFinite(value)) return false;
  if (budget === null) return true;
  return 'at_most' in budget ? value <= budget.at_most : value >= budget.at_least;
}
