/**
 * What work asks of its node: labels joined by `&&`, `||`, `!` and parentheses. Plain data, so that it can be stored
 * and sent. Canonical: no `and` inside an `and`, no `or` inside an `or`, no `not` inside a `not`, two or more operands.
 */
export type Expression =
  | { readonly kind: 'label'; readonly label: string }
  | { readonly kind: 'not'; readonly operand: Expression }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Expression[] };

/** Longest label expression, in characters. */
export const MAX_EXPRESSION_CHARACTERS = 1024;
/** Deepest nesting of parentheses and `!`: reading and evaluating recurse no further than this. */
export const MAX_EXPRESSION_DEPTH = 64;
/** A label: what a machine carries and work asks for. */
export const LABEL_PATTERN = '[A-Za-z0-9][A-Za-z0-9._+/-]*';

const LABEL = new RegExp(LABEL_PATTERN, 'y');
const SPACE = /\s*/y;
/** What people write for an operator in other tools; a hint, since these are also labels. */
const OPERATOR_WORDS: Readonly<Record<string, string>> = {
  and: '"and" is written &&',
  or: '"or" is written ||',
  not: '"not" is written !',
};

/** What is wrong with the text between two offsets. */
export interface ExpressionProblem {
  readonly message: string;
  readonly start: number;
  readonly end: number;
}

export type ReadExpression = { ok: true; expression: Expression } | { ok: false; problem: ExpressionProblem };

interface Token {
  readonly kind: 'label' | '&&' | '||' | '!' | '(' | ')' | 'end';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

class Refusal extends Error {
  readonly problem: ExpressionProblem;
  constructor(message: string, start: number, end: number) {
    super(message);
    this.problem = { message, start, end };
  }
}

/** Reads a label expression without throwing: for callers that report several problems with places of their own. */
export function readExpression(text: string): ReadExpression {
  try {
    return { ok: true, expression: new Parser(text).whole() };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, problem: error.problem };
    throw error;
  }
}

/** Recursive descent with one token of lookahead: `or` of `and`s of `!`s, labels and parentheses. */
class Parser {
  private readonly text: string;
  private previous: Token | null = null;
  private current: Token;
  private depth = 0;

  constructor(text: string) {
    if (text.length > MAX_EXPRESSION_CHARACTERS) {
      const message = `it has ${text.length} characters, and ${MAX_EXPRESSION_CHARACTERS} are the most`;
      throw new Refusal(message, MAX_EXPRESSION_CHARACTERS, MAX_EXPRESSION_CHARACTERS + 1);
    }
    this.text = text;
    this.current = nextToken(text, 0);
  }

  whole(): Expression {
    if (this.text.trim() === '') throw new Refusal('it is empty; expected a label', 0, 0);
    const expression = this.either();
    const { kind, start, end } = this.current;
    if (kind === ')') throw new Refusal('this ")" closes nothing', start, end);
    if (kind !== 'end') throw this.missingOperator();
    return expression;
  }

  private advance(): void {
    this.previous = this.current;
    this.current = nextToken(this.text, this.current.end);
  }

  private either(): Expression {
    return this.chain('or', '||', () => this.both());
  }

  private both(): Expression {
    return this.chain('and', '&&', () => this.single());
  }

  private chain(kind: 'and' | 'or', operator: Token['kind'], next: () => Expression): Expression {
    const operands = [next()];
    while (this.current.kind === operator) {
      this.advance();
      operands.push(next());
    }
    // A nested chain of the same kind (from parentheses) means the same flat.
    const flat = operands.flatMap((operand) => (operand.kind === kind ? operand.operands : [operand]));
    return flat.length === 1 ? (flat[0] as Expression) : { kind, operands: flat };
  }

  private single(): Expression {
    const token = this.current;
    if (token.kind === 'label') {
      this.advance();
      return { kind: 'label', label: token.text };
    }
    if (token.kind !== '!' && token.kind !== '(') throw this.missingOperand();
    this.depth += 1;
    if (this.depth > MAX_EXPRESSION_DEPTH) {
      const message = `it is nested deeper than ${MAX_EXPRESSION_DEPTH} levels`;
      throw new Refusal(message, token.start, token.end);
    }
    this.advance();
    const expression = token.kind === '!' ? negate(this.single()) : this.parenthesised(token);
    this.depth -= 1;
    return expression;
  }

  private parenthesised(open: Token): Expression {
    const expression = this.either();
    if (this.current.kind === 'end') throw new Refusal('this "(" is never closed', open.start, open.end);
    if (this.current.kind !== ')') throw this.missingOperator();
    this.advance();
    return expression;
  }

  private missingOperand(): Refusal {
    const after = this.previous === null ? 'at the start' : `after "${this.previous.text}"`;
    return new Refusal(`expected a label or "(" ${after}`, this.current.start, this.current.end);
  }

  private missingOperator(): Refusal {
    const left = this.previous?.text ?? '';
    const right = this.current.text;
    const word = OPERATOR_WORDS[right.toLowerCase()] ?? OPERATOR_WORDS[left.toLowerCase()];
    const hint = word === undefined ? '' : `; ${word}`;
    const message = `expected "&&" or "||" between "${left}" and "${right}"${hint}`;
    return new Refusal(message, this.current.start, this.current.end);
  }
}

function negate(operand: Expression): Expression {
  return operand.kind === 'not' ? operand.operand : { kind: 'not', operand };
}

function nextToken(text: string, from: number): Token {
  SPACE.lastIndex = from;
  const start = from + (SPACE.exec(text)?.[0].length ?? 0);
  if (start >= text.length) return { kind: 'end', text: '', start: text.length, end: text.length };
  const two = text.slice(start, start + 2);
  if (two === '&&' || two === '||') return { kind: two, text: two, start, end: start + 2 };
  const one = text.charAt(start);
  if (one === '!' || one === '(' || one === ')') return { kind: one, text: one, start, end: start + 1 };
  LABEL.lastIndex = start;
  const label = LABEL.exec(text)?.[0];
  if (label !== undefined) return { kind: 'label', text: label, start, end: start + label.length };
  throw strangeCharacter(text, start);
}

function strangeCharacter(text: string, start: number): Refusal {
  const character = String.fromCodePoint(text.codePointAt(start) ?? 0);
  const end = start + character.length;
  if (character === '&' || character === '|') {
    return new Refusal(`a single "${character}" means nothing; write "${character}${character}"`, start, end);
  }
  if (character === ',') return new Refusal('"," joins nothing; write && (both) or || (either)', start, end);
  if (/[._+/-]/.test(character)) {
    return new Refusal(`a label begins with a letter or a digit, not with "${character}"`, start, end);
  }
  const name = /[\p{C}\p{Z}]/u.test(character)
    ? `the character U+${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}`
    : `"${character}"`;
  return new Refusal(`${name} cannot be part of a label expression`, start, end);
}
