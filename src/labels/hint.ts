import { nearest } from '../base/suggest.ts';
import { labelsOf } from './expression.ts';
import type { Expression } from './parser.ts';

/**
 * For an expression that nothing can satisfy: which of its labels no node type carries, and what was probably meant:
 * `no node type carries jamy. Did you mean jammy?`. Null when every label is known. `!gone` needs no carrier, but a
 * mistyped label there is as wrong as elsewhere, so it is named as well.
 */
export function unknownLabelsHint(expression: Expression, known: Iterable<string>): string | null {
  const carried = new Set(known);
  const unknown = labelsOf(expression).filter((label) => !carried.has(label));
  if (unknown.length === 0) return null;
  const meant = unknown.flatMap((label) => nearest(label, carried) ?? []);
  const names = unknown.length > 1 ? `${unknown.slice(0, -1).join(', ')} or ${unknown.at(-1)}` : unknown[0];
  const question = meant.length === 0 ? '' : ` Did you mean ${[...new Set(meant)].join(', ')}?`;
  return `no node type carries ${names}.${question}`;
}
