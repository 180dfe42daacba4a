import { isError } from '../base/errors/error.ts';
import type { Matcher } from './expression.ts';
import { expressionOf, matcherOfParsed } from './matchers.ts';
import type { Expression } from './parser.ts';

/** What one node is to carry. Plain data, so that a snapshot can be stored, sent and compared. */
export interface Want {
  /** The label expression, as its requester wrote it. */
  readonly expression: string;
  /** The same read; null: it cannot be read, and no node will do. */
  readonly parsed: Expression | null;
}

const nothing: Matcher = () => false;

/**
 * A want of a text that stands in a row: one that a past version accepted and this one cannot read must not stop
 * everybody else's. It matches nothing, and its request is refused. The same text gives the same parsed value.
 */
export function wantOf(expression: string): Want {
  try {
    return { expression, parsed: expressionOf(expression) };
  } catch (error) {
    if (isError(error, 'GC1401')) return { expression, parsed: null };
    throw error;
  }
}

/** The want as a function, compiled once a parsed value: for asking it of thousands of nodes. */
export function wantMatcher({ parsed }: Want): Matcher {
  return parsed === null ? nothing : matcherOfParsed(parsed);
}

/** Will a node with these labels do? */
export function satisfies(want: Want, labels: ReadonlySet<string>): boolean {
  return wantMatcher(want)(labels);
}
