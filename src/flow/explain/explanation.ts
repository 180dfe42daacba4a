import { formatDuration } from '../../base/units.ts';
import type { Decision } from '../../nodes/plan/decision.ts';

/** Why something is as it is: a sentence, then what stands behind it, for people and as data. */
export interface Explanation {
  sentence: string;
  /** What the planner decided; null: nothing waits for it. */
  decision: Decision | null;
  /** One for each provider, or for each event. */
  lines: ExplanationLine[];
  /** When it will be over, if that can be told. */
  expected: string | null;
  /** The same as data. */
  data: Readonly<Record<string, unknown>>;
}

export interface ExplanationLine {
  subject: string;
  text: string;
}

/** `2 × jammy, 1 × gpu`. */
export function describeWants(expressions: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const expression of expressions) counts.set(expression, (counts.get(expression) ?? 0) + 1);
  return [...counts].map(([expression, count]) => `${count} × ${expression}`).join(', ');
}

/** `1 node`, `3 nodes`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `4 held, the first ends in 58 min`: what stands in the way is a person's to end. */
export function describeHeld(count: number, first_ends_ms: number): string {
  const when = count === 1 ? 'it ends' : 'the first ends';
  return `${count} held, ${when} in ${formatDuration(first_ends_ms)}`;
}
