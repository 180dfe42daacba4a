import { type Budget, type Figure, figure } from './figure.ts';
import { median, percentile } from './statistics.ts';

/** One side of a comparison: does its piece of work once and answers its measure (milliseconds, or items a second). */
export type Side = () => Promise<number>;

/**
 * Measures the sides in turn, in short rounds (A B, B A, A B, …): a machine that others use is twice as slow from hour to
 * hour, and both sides of a round meet the same machine. The first round warms up and does not count. Answers each side's
 * values, round by round.
 */
export async function interleave<Name extends string>(
  rounds: number,
  sides: Readonly<Record<Name, Side>>,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(sides) as Name[];
  const values = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round <= rounds; round++) {
    const order = round % 2 === 0 ? names : names.toReversed();
    for (const name of order) {
      const value = await sides[name]();
      if (round > 0) values[name].push(value);
    }
  }
  return values;
}

/** Round by round, ours divided by the other's. */
export function ratios(ours: readonly number[], other: readonly number[]): number[] {
  return ours.map((value, round) => value / (other[round] ?? Number.NaN));
}

/** The figure of a comparison: ok by the median of its ratios, with the middle half of them as its spread. */
export function ratioFigure(name: string, ours: readonly number[], other: readonly number[], budget: Budget): Figure {
  const all = ratios(ours, other);
  const spread = [percentile(all, 0.25), percentile(all, 0.75)].map((value) => Number(value.toPrecision(3)));
  return { ...figure(name, median(all), '×', budget), spread: spread as [number, number] };
}

/** The measured values themselves, for people; they have no budget. */
export function* absoluteFigures(
  values: Readonly<Record<string, readonly number[]>>,
  unit: string,
  name: (side: string) => string,
): Generator<Figure> {
  for (const [side, measured] of Object.entries(values)) yield figure(name(side), median(measured), unit, null);
}
