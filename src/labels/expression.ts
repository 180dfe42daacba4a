import { GroundcrewError } from '../base/errors/error.ts';
import { markerLines } from './marker.ts';
import { type Expression, readExpression } from './parser.ts';

/** Answers whether a machine that carries these labels will do. */
export type Matcher = (labels: ReadonlySet<string>) => boolean;

/** Reads a label expression. Throws GC1401 with a marker under the place that is wrong. */
export function parseExpression(text: string): Expression {
  const read = readExpression(text);
  if (read.ok) return read.expression;
  const [expression, marker] = markerLines(text, read.problem.start, read.problem.end);
  throw new GroundcrewError('GC1401', { problem: read.problem.message, expression, marker });
}

/** Does a machine with these labels satisfy the expression? For one answer; for many, see `compileExpression`. */
export function matches(expression: Expression, labels: ReadonlySet<string>): boolean {
  switch (expression.kind) {
    case 'label':
      return labels.has(expression.label);
    case 'not':
      return !matches(expression.operand, labels);
    case 'and':
      return expression.operands.every((operand) => matches(operand, labels));
    case 'or':
      return expression.operands.some((operand) => matches(operand, labels));
  }
}

/** The expression as a function, for asking it of thousands of machines: nothing is interpreted at each call. */
export function compileExpression(expression: Expression): Matcher {
  switch (expression.kind) {
    case 'label': {
      const { label } = expression;
      return (labels) => labels.has(label);
    }
    case 'not': {
      const operand = compileExpression(expression.operand);
      return (labels) => !operand(labels);
    }
    case 'and':
      return compileAnd(expression.operands.map(compileExpression));
    case 'or':
      return compileOr(expression.operands.map(compileExpression));
  }
}

function compileAnd(operands: readonly Matcher[]): Matcher {
  return (labels) => {
    for (const operand of operands) if (!operand(labels)) return false;
    return true;
  };
}

function compileOr(operands: readonly Matcher[]): Matcher {
  return (labels) => {
    for (const operand of operands) if (operand(labels)) return true;
    return false;
  };
}

/** Every label that the expression names, each once, in the order of their first use. */
export function labelsOf(expression: Expression): string[] {
  const found = new Set<string>();
  const collect = (part: Expression): void => {
    if (part.kind === 'label') found.add(part.label);
    else if (part.kind === 'not') collect(part.operand);
    else for (const operand of part.operands) collect(operand);
  };
  collect(expression);
  return [...found];
}

/** The canonical text: single spaces, only the parentheses that are needed. Reading it gives the same expression. */
export function formatExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'label':
      return expression.label;
    case 'not':
      return `!${formatOperand(expression.operand, ['and', 'or'])}`;
    case 'and':
      return expression.operands.map((operand) => formatOperand(operand, ['or'])).join(' && ');
    case 'or':
      return expression.operands.map((operand) => formatOperand(operand, [])).join(' || ');
  }
}

function formatOperand(operand: Expression, inParentheses: readonly Expression['kind'][]): string {
  const text = formatExpression(operand);
  return inParentheses.includes(operand.kind) ? `(${text})` : text;
}
