import { compileExpression, type Matcher, parseExpression } from './expression.ts';
import type { Expression } from './parser.ts';

/** Compiled expressions by their text: the same few come again and again. */
const compiled = new Map<string, { expression: Expression; matcher: Matcher }>();
const MOST_COMPILED = 10_000;

function compile(text: string): { expression: Expression; matcher: Matcher } {
  let entry = compiled.get(text);
  if (entry === undefined) {
    const expression = parseExpression(text);
    entry = { expression, matcher: compileExpression(expression) };
    if (compiled.size >= MOST_COMPILED) compiled.clear();
    compiled.set(text, entry);
  }
  return entry;
}

/** The expression as a function of a machine's labels. Throws GC1401 when it is malformed. */
export function matcherOf(text: string): Matcher {
  return compile(text).matcher;
}

/** The expression read. Throws GC1401 when it is malformed. */
export function expressionOf(text: string): Expression {
  return compile(text).expression;
}
