import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spansOf } from './ansi.ts';

describe('a line with colours', () => {
  it.each([
    ['plain', [['plain', '']]],
    [
      '\u001b[31mred\u001b[0m plain',
      [
        ['red', 'ansi-1'],
        [' plain', ''],
      ],
    ],
    ['\u001b[1;92mloud\u001b[22;39m', [['loud', 'bold ansi-10']]],
    ['\u001b[38;5;196mred\u001b[m', [['red', 'ansi-9']]],
    ['\u001b[38;2;10;200;20mgreen', [['green', 'ansi-2']]],
    ['\u001b[38;5;244mgrey', [['grey', 'ansi-7']]],
    [
      '\u001b[48;5;1mback\u001b[3;4mground',
      [
        ['back', ''],
        ['ground', 'italic underline'],
      ],
    ],
    ['\u001b[7minverse\u001b[27m', [['inverse', 'inverse']]],
    ['10 %\r\u001b[2K50 %\rdone\r', [['done', '']]],
    ['\u001b]8;;javascript:alert(1)\u0007link\u001b]8;;\u0007', [['link', '']]],
    ['bell\u0007 and\u0000 null', [['bell and null', '']]],
    ['', []],
  ])('%j', (line, spans) => {
    expect(spansOf(line).map(({ text, look }) => [text, look])).toEqual(spans);
  });

  it('never has a class or a character that is not ours, whatever it says', () => {
    const evil = fc.array(
      fc.constantFrom(
        '\u001b',
        '[',
        ']',
        '38',
        ';',
        '5',
        '2',
        'm',
        '<img onerror=x>',
        '\u0007',
        '\u009b',
        '999',
        '"',
        'a',
      ),
    );
    fc.assert(
      fc.property(evil, (parts) => {
        for (const { text, look } of spansOf(parts.join(''))) {
          expect(look).toMatch(/^(?:(?:bold|dim|italic|underline|inverse|ansi-(?:\d|1[0-5]))(?: |$))*$/);
          expect([...text].every((character) => character === '\t' || character >= ' ')).toBe(true);
        }
      }),
    );
  });
});
