import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSource } from './source.ts';

describe('what is code', () => {
  it('tells comments and the insides of literals from calls, and keeps every place', () => {
    const text = "a(); // b()\nc('d()', `e ${f('g')} h`); /* i()\n */ j = /k['\"]/.test(l) / 2;\n";
    const { calls, literals } = parseSource(text);
    expect(calls.map(({ name, line }) => [name, line])).toEqual([
      ['a', 1],
      ['c', 2],
      ['f', 2],
      ['.test', 3],
    ]);
    expect(literals.map((literal) => literal.text)).toEqual(['d()', 'e \0 h', 'g']);
    expect(literals.map(({ start }) => text[start])).toEqual(["'", '`', "'"]);
  });

  it('takes a slash after a value for a division', () => {
    const { literals, uses } = parseSource("const half = (a + b) / 2; const c = 'x' / 1;");
    expect(literals.map((literal) => literal.text)).toEqual(['x']);
    expect(uses.map(({ name }) => name)).toEqual(expect.arrayContaining(['a', 'b']));
  });

  it('names what is used with what it is taken from, and first arguments', () => {
    const { uses, calls } = parseSource(
      "Date.now(); clock.setTimeout; new Date(1); f().g.h('x'); i[Date.now]('y', 'z'); j(k);",
    );
    const names = uses.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['Date.now', 'clock.setTimeout', 'new Date', '.g.h', 'k']));
    expect(names).not.toContain('setTimeout');
    expect(calls.map(({ name, first }) => [name, first?.text])).toEqual([
      ['Date.now', undefined],
      ['.g.h', 'x'],
      ['f', undefined],
      ['', 'y'],
      ['j', undefined],
    ]);
  });

  it('knows TypeScript, TSX and plain JavaScript, and finds nothing in what is none of them', () => {
    expect(parseSource('let a = <B>c();', 'a.ts').calls.map(({ name }) => name)).toEqual(['c']);
    expect(parseSource("const a = <p title='t'>{b()} c()</p>;", 'a.tsx').calls.map(({ name }) => name)).toEqual(['b']);
    expect(parseSource('export default function a() {}', 'a.mjs').declared).toEqual([
      { name: 'a', start: 24, line: 1 },
    ]);
    expect(parseSource('const const ((', 'a.ts').calls).toEqual([]);
  });

  it('answers, whatever the text', () => {
    const piece = fc.constantFrom(
      "'",
      '"',
      '`',
      '${',
      '}',
      '{',
      '/',
      '//',
      '/*',
      '*/',
      '\\',
      '\n',
      'a',
      ' ',
      '[',
      ']',
      '(',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join('');
        const lines = text.split('\n').length;
        for (const { line } of parseSource(text).literals) expect(line).toBeLessThanOrEqual(lines);
      }),
    );
  });
});

describe('parseSource', () => {
  it('finds imports, exports from, and dynamic imports with their lines', () => {
    const text = [
      "import 'node:test';",
      "import type { A } from './a.ts';",
      'import {',
      '  b,',
      "} from './b.ts';",
      "export { c } from './c.ts';",
      "export const d = 'from';",
      "const e = await import('./e.ts');",
      "// import './f.ts';",
    ].join('\n');
    const found = parseSource(text).imports.map((line) => [line.specifier, line.line, line.type_only, line.is_export]);
    expect(found).toEqual([
      ['node:test', 1, false, false],
      ['./a.ts', 2, true, false],
      ['./b.ts', 5, false, false],
      ['./c.ts', 6, false, true],
      ['./e.ts', 8, false, false],
    ]);
  });
});
