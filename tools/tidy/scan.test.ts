import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scan } from './scan.ts';
import { parseSource } from './source.ts';

describe('scan', () => {
  it('blanks comments and the insides of literals, and keeps every position', () => {
    const text = "a(); // b()\nc('d()', `e ${f('g')} h`); /* i()\n */ j = /k['\"]/.test(l) / 2;\n";
    const { code, literals } = scan(text);
    expect(code.length).toBe(text.length);
    expect(code.split('\n').length).toBe(text.split('\n').length);
    expect(code).toMatch(/^a\(\); +\nc\(' {3}', ` {2}\$\{f\(' '\)\} {2}`\); +\n +j = \/ +\/\.test\(l\) \/ 2;\n$/);
    expect(literals.map((literal) => literal.text)).toEqual(['d()', 'e \0 h', 'g']);
  });

  it('takes a slash after a value for a division', () => {
    const { code } = scan("const half = (a + b) / 2; const c = 'x' / 1;");
    expect(code).toBe("const half = (a + b) / 2; const c = ' ' / 1;");
  });

  it('never changes the length or the lines, whatever the text', () => {
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
        const { code } = scan(text);
        expect(code.split('\n').length).toBe(text.split('\n').length);
        expect(code.length).toBeGreaterThanOrEqual(text.length);
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
