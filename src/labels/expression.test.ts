import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GroundcrewError, isError } from '../base/errors/error.ts';
import { compileExpression, formatExpression, labelsOf, matches, parseExpression } from './expression.ts';
import { unknownLabelsHint } from './hint.ts';
import { markerLines } from './marker.ts';
import { type Expression, MAX_EXPRESSION_CHARACTERS, MAX_EXPRESSION_DEPTH } from './parser.ts';

const LABELS = ['jammy', 'noble', 'x86_64', 'python3.12', 'arm', 'gpu', 'a/b+c'];

const label = fc.constantFrom(...LABELS).map((name): Expression => ({ kind: 'label', label: name }));
/** Canonical expressions, as `parseExpression` promises them. */
const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    label,
    tie('expression').map((operand): Expression => (operand.kind === 'not' ? operand : { kind: 'not', operand })),
    fc
      .tuple(
        fc.constantFrom('and' as const, 'or' as const),
        fc.array(tie('expression'), { minLength: 2, maxLength: 3 }),
      )
      .map(([kind, parts]): Expression => {
        const operands = parts.flatMap((part) => (part.kind === kind ? part.operands : [part]));
        return { kind, operands };
      }),
  ),
}));

/** The same question asked of JavaScript's own operators. */
function reference(text: string, labels: ReadonlySet<string>): boolean {
  const source = text.replace(/[A-Za-z0-9][A-Za-z0-9._+/-]*/g, (name) => `labels.has(${JSON.stringify(name)})`);
  return new Function('labels', `return Boolean(${source});`)(labels);
}

function refusal(text: string): string {
  try {
    parseExpression(text);
  } catch (error) {
    if (isError(error, 'GC1401')) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('reading', () => {
  test('&& binds tighter than ||, and ! tightest', () => {
    expect(formatExpression(parseExpression(' a||b &&! c '))).toBe('a || b && !c');
    expect(parseExpression('a || b && !c')).toEqual({
      kind: 'or',
      operands: [
        { kind: 'label', label: 'a' },
        {
          kind: 'and',
          operands: [
            { kind: 'label', label: 'b' },
            { kind: 'not', operand: { kind: 'label', label: 'c' } },
          ],
        },
      ],
    });
  });

  test.each([
    ['((jammy))', 'jammy'],
    ['!!jammy', 'jammy'],
    ['(a && b) && c', 'a && b && c'],
    ['a && (b || c)', 'a && (b || c)'],
    ['!(a && b)', '!(a && b)'],
    ['x86_64 && python3.12 && acme/widget', 'x86_64 && python3.12 && acme/widget'],
  ])('%s is written %s', (text, canonical) => {
    expect(formatExpression(parseExpression(text))).toBe(canonical);
  });

  test('names each label once', () => {
    expect(labelsOf(parseExpression('b && (a || !b) && c'))).toEqual(['b', 'a', 'c']);
  });
});

describe('refusing', () => {
  test('points at the place', () => {
    expect(refusal('jammy && && x86_64')).toBe(
      [
        'The label expression is not valid: expected a label or "(" after "&&"',
        '  jammy && && x86_64',
        '           ^^',
      ].join('\n'),
    );
  });

  test.each([
    ['', 'it is empty; expected a label', 0],
    ['   ', 'it is empty; expected a label', 0],
    ['jammy &&', 'expected a label or "(" after "&&"', 8],
    ['&& jammy', 'expected a label or "(" at the start', 0],
    ['!', 'expected a label or "(" after "!"', 1],
    ['()', 'expected a label or "(" after "("', 1],
    ['(a && b', 'this "(" is never closed', 0],
    ['a)', 'this ")" closes nothing', 1],
    ['a b', 'expected "&&" or "||" between "a" and "b"', 2],
    ['(a b)', 'expected "&&" or "||" between "a" and "b"', 3],
    ['a and b', 'expected "&&" or "||" between "a" and "and"; "and" is written &&', 2],
    ['not b', 'expected "&&" or "||" between "not" and "b"; "not" is written !', 4],
    ['a !b', 'expected "&&" or "||" between "a" and "!"', 2],
    ['a & b', 'a single "&" means nothing; write "&&"', 2],
    ['a | b', 'a single "|" means nothing; write "||"', 2],
    ['a, b', '"," joins nothing; write && (both) or || (either)', 1],
    ['-a', 'a label begins with a letter or a digit, not with "-"', 0],
    ['a && $b', '"$" cannot be part of a label expression', 5],
    ['a && \u0000', 'the character U+0000 cannot be part of a label expression', 5],
    ['😀 && a', '"😀" cannot be part of a label expression', 0],
  ])('%j: %s', (text, problem, column) => {
    const lines = refusal(text).split('\n');
    expect(lines[0]).toBe(`The label expression is not valid: ${problem}`);
    expect(lines[2]?.indexOf('^')).toBe(2 + column);
  });

  test('is bounded in length and depth', () => {
    expect(refusal('a'.repeat(MAX_EXPRESSION_CHARACTERS))).toBe('accepted');
    expect(refusal('a'.repeat(MAX_EXPRESSION_CHARACTERS + 1))).toContain('1025 characters, and 1024 are the most');
    const nested = (depth: number): string => `${'('.repeat(depth)}a${')'.repeat(depth)}`;
    expect(refusal(nested(MAX_EXPRESSION_DEPTH))).toBe('accepted');
    expect(refusal(nested(MAX_EXPRESSION_DEPTH + 1))).toContain('nested deeper than 64 levels');
    expect(refusal('!'.repeat(1000))).toContain('nested deeper than 64 levels');
    expect(refusal('('.repeat(1_000_000))).toContain('1024 are the most');
  });

  test('cuts a long text around the marker', () => {
    const [text, marker] = markerLines(`${'a '.repeat(200)}&&`, 400, 402);
    expect(text).toHaveLength(43);
    expect(text).toMatch(/^…/);
    expect(text.slice(marker.indexOf('^'))).toBe('&&');
  });
});

describe('properties', () => {
  test('reading what was formatted gives the same expression', () => {
    fc.assert(
      fc.property(expression, (value) => {
        expect(parseExpression(formatExpression(value))).toEqual(value);
      }),
    );
  });

  test('evaluation, interpreted and compiled, agrees with a reference', () => {
    fc.assert(
      fc.property(expression, fc.subarray(LABELS), (value, carried) => {
        const labels = new Set(carried);
        const expected = reference(formatExpression(value), labels);
        expect(matches(value, labels)).toBe(expected);
        expect(compileExpression(value)(labels)).toBe(expected);
      }),
    );
  });

  test('any text gives an expression or GC1401 with a marker inside the text', () => {
    const pieces = fc.array(fc.constantFrom('a', 'b-1', '&&', '||', '!', '(', ')', ' ', '&', '\t', '😀', '.'));
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      pieces.map((parts) => parts.join('')),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    );
    fc.assert(
      fc.property(text, (input) => {
        try {
          expect(formatExpression(parseExpression(input)).length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(GroundcrewError);
          const [, shown, marker] = (error as Error).message.split('\n') as [string, string, string];
          expect([...marker].length).toBeLessThanOrEqual([...shown].length + 1);
          expect(marker).toMatch(/^ {2} *\^+$/);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a hint for what nothing can satisfy', () => {
  test.each([
    ['jammy', null],
    ['jamy', 'no node type carries jamy. Did you mean jammy?'],
    ['jammy && !armm && zzzzzz', 'no node type carries armm or zzzzzz. Did you mean arm?'],
    ['windows', 'no node type carries windows.'],
  ])('%s: %s', (text, hint) => {
    expect(unknownLabelsHint(parseExpression(text), LABELS)).toBe(hint);
  });
});
