import { formatSize } from './units.ts';

/**
 * How much of each dimension: of the named ones below, or of a driver's own. In what something takes, a dimension that
 * is left out is nothing; in a limit, and in what is left of it, it is not limited. Whole JSON: it is kept in rows.
 */
export type Amount = Readonly<Record<string, number>>;

/** An amount that is being counted. */
export type Tally = Record<string, number>;

/** The dimensions that every driver means alike, in the order in which they are named to people; more may follow. */
export const DIMENSIONS = [
  'nodes',
  'cores',
  'memory_bytes',
  'volumes',
  'volume_bytes',
  'addresses',
  'images',
  'image_bytes',
] as const;

/** Sums of fractions of a core are compared with this much room for error. */
const TOLERANCE = 1e-6;

/** Counts an amount so many times more, in place. */
export function add(to: Tally, amount: Amount, times: number): void {
  for (const key in amount) to[key] = (to[key] ?? 0) + (amount[key] as number) * times;
}

/** Takes it so many times from what is left of limits, in place; with negative times it is given back. */
export function takeFrom(left: Tally, amount: Amount, times: number): void {
  for (const key in amount) {
    const before = left[key];
    if (before !== undefined) left[key] = before - (amount[key] as number) * times;
  }
}

/** The lower of several limits, dimension by dimension. */
export function lowest(...limits: readonly Amount[]): Tally {
  const low: Tally = {};
  for (const limit of limits) {
    for (const key in limit) low[key] = Math.min(low[key] ?? Number.POSITIVE_INFINITY, limit[key] as number);
  }
  return low;
}

/** How often the need fits into what is left; what it does not need may be overdrawn. */
export function timesIn(left: Amount, need: Amount): number {
  let times = Number.POSITIVE_INFINITY;
  for (const key in need) {
    const wanted = need[key] as number;
    const there = left[key];
    if (wanted > 0 && there !== undefined) times = Math.min(times, Math.floor(there / wanted + TOLERANCE));
  }
  return times;
}

/** Does the need fit into what is left? */
export function fits(left: Amount, need: Amount): boolean {
  return timesIn(left, need) >= 1;
}

/** Of which dimension there is too little for the need; null: it fits. */
export function firstShort(left: Amount, need: Amount): string | null {
  return dimensionsOf(need).find((key) => isShort(left, need, key)) ?? null;
}

/** Would what is freed help a need that does not fit: is any of it what is too little? */
export function relieves(left: Amount, need: Amount, freed: Amount): boolean {
  for (const key in freed) if ((freed[key] as number) > 0 && isShort(left, need, key)) return true;
  return false;
}

function isShort(left: Amount, need: Amount, key: string): boolean {
  const there = left[key];
  const wanted = need[key] ?? 0;
  return there !== undefined && wanted > 0 && there / wanted + TOLERANCE < 1;
}

/** Its dimensions, the named ones first and in their order. */
export function dimensionsOf(amount: Amount): string[] {
  const named: readonly string[] = DIMENSIONS;
  const own = Object.keys(amount).filter((key) => !named.includes(key));
  return [...named.filter((key) => amount[key] !== undefined), ...own.sort()];
}

/** For people: `4 cores`, `1.5 GiB`, `3 volumes`. */
export function formatAmount(dimension: string, value: number): string {
  if (dimension === 'memory_bytes') return formatSize(value);
  if (dimension.endsWith('_bytes')) return `${formatSize(value)} of ${dimension.slice(0, -6)}s`;
  return `${formatFigure(value)} ${dimension.replaceAll('_', ' ')}`;
}

/** A sum of fractions without the noise of its last digits. */
export function formatFigure(value: number): string {
  return String(Math.round(value * 100) / 100);
}
