import { compileExpression, type Matcher, parseExpression } from './expression.ts';
import type { Expression } from './parser.ts';

/** Expressions read, by their text: the same few come again and again. */
const read = new Map<string, Expression>();
const MOST_READ = 10_000;
/** Each compiled once, as long as anybody has the parsed value. */
const compiled = new WeakMap<Expression, Matcher>();

/** The expression read; the same text gives the same value. Throws GC1401 when it is malformed. */
export function expressionOf(text: string): Expression {
  let expression = read.get(text);
  if (expression === undefined) {
    expression = parseExpression(text);
    if (read.size >= MOST_READ) read.clear();
    read.set(text, expression);
  }
  return expression;
}

/** A parsed expression as a function of a machine's labels: for asking it of thousands of nodes. */
export function matcherOfParsed(expression: Expression): Matcher {
  let matcher = compiled.get(expression);
  if (matcher === undefined) {
    matcher = compileExpression(expression);
    compiled.set(expression, matcher);
  }
  return matcher;
}

/** The expression as a function of a machine's labels. Throws GC1401 when it is malformed. */
export function matcherOf(text: string): Matcher {
  return matcherOfParsed(expressionOf(text));
}
