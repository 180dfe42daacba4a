import { matches } from './expression.ts';
import type { Expression } from './parser.ts';

/** Which labels stand against it: what is missing, and what is there and must not be. */
export interface Rejection {
  readonly missing: readonly string[];
  readonly unwanted: readonly string[];
}

/** Why nodes with these labels do not satisfy an expression; null: they do. */
export function whyRejected(expression: Expression, labels: ReadonlySet<string>): Rejection | null {
  const missing = new Set<string>();
  const unwanted = new Set<string>();
  /** Is the part other than it should be? Then it names the labels that make it so. */
  const blame = (part: Expression, should: boolean): boolean => {
    if (part.kind === 'label') {
      if (labels.has(part.label) === should) return false;
      (should ? missing : unwanted).add(part.label);
      return true;
    }
    if (part.kind === 'not') return blame(part.operand, !should);
    // Of parts that must all be so, those that are not; of parts of which one is enough, all, when none is.
    if ((part.kind === 'and') === should) return part.operands.filter((operand) => blame(operand, should)).length > 0;
    if (part.operands.some((operand) => matches(operand, labels) === should)) return false;
    for (const operand of part.operands) blame(operand, should);
    return true;
  };
  return blame(expression, true) ? { missing: [...missing], unwanted: [...unwanted] } : null;
}
