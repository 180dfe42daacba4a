import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastDrawn, stripTerminal } from './terminal.ts';

describe('what steers a terminal', () => {
  it.each([
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b[38;5;208;1morange\u001b[m', 'orange'],
    ['\u001b[2K\u001b[1G50 %', '50 %'],
    ['\u001b]0;a title\u0007text', 'text'],
    ['\u001b]8;;https://example.com\u001b\\link\u001b]8;;\u001b\\', 'link'],
    ['\u009b1mbold', 'bold'],
    ['\u001b(Bplain', 'plain'],
    ['cut \u001b[3', 'cut '],
    ['[31m is text', '[31m is text'],
  ])('%j', (text, plain) => expect(stripTerminal(text)).toBe(plain));

  it('agrees with Node about colours and cursors', () => {
    const piece = fc.oneof(
      fc.stringMatching(/^[a-z ]{0,8}$/),
      fc.stringMatching(/^\[([0-9]{1,3}(;[0-9]{1,3}){0,3})?[mKGHJ]$/).map((tail) => `\u001b${tail}`),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('');
        expect(stripTerminal(text)).toBe(stripVTControlCharacters(text));
      }),
    );
  });

  it('keeps what a progress line ended as', () => {
    expect(lastDrawn('10 %\r50 %\rdone\r')).toBe('done');
    expect(lastDrawn('plain')).toBe('plain');
    expect(lastDrawn('')).toBe('');
  });
});
