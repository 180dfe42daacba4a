import { throws } from 'node:assert';
import { describe, it } from 'node:test';
import { needsQuotes, quote, unquote } from '../src/quotes.js';
import { joinWords, splitWords } from '../src/words.js';
import { expectEqual } from './expect.js';

describe('parser/quotes', () => {
  it('a plain word gets quotes around it', () => {
    expectEqual(quote('ab'), '"ab"');
  });

  it('nothing becomes an empty pair', () => {
    expectEqual(quote(''), '""');
  });

  it('a tab and a line end become letters', () => {
    expectEqual(quote('a\tb\n'), '"a\\tb\\n"');
  });

  it('a backslash survives a round trip', () => {
    expectEqual(unquote(quote('c:\\widgets')), 'c:\\widgets');
  });

  it('white space survives a round trip', () => {
    expectEqual(unquote(quote(' a  b ')), ' a  b ');
  });

  it('single quotes are left alone', () => {
    expectEqual(quote("it's"), '"it\'s"');
  });

  it('an empty pair is nothing', () => {
    expectEqual(unquote('""'), '');
  });

  it('nested quotes survive a round trip', () => {
    expectEqual(unquote(quote('a"b')), 'a"b');
  });

  it('a missing quote at the end is refused', () => {
    throws(() => unquote('"ab'), SyntaxError);
  });

  it('a bare quote inside is refused', () => {
    throws(() => unquote('"a"b"'), /at 2, needs a backslash/);
  });

  it('a lonely backslash is refused', () => {
    throws(() => unquote('"ab\\"'), /escapes nothing/);
  });

  it('only what would fall apart needs quotes', () => {
    expectEqual(['ab', 'a b', '', 'a-b'].map(needsQuotes), [false, true, true, false]);
  });
});

describe('parser/words', () => {
  it('words part at spaces', () => {
    expectEqual(splitWords('run the  tests'), ['run', 'the', 'tests']);
  });

  it('quoted words stay whole', () => {
    expectEqual(splitWords('say "good morning" twice'), ['say', 'good morning', 'twice']);
  });

  it('an empty line has no words', () => {
    expectEqual(splitWords(''), []);
  });

  it('white space alone has no words', () => {
    expectEqual(splitWords(' \t '), []);
  });

  it('an empty pair of quotes is a word', () => {
    expectEqual(splitWords('a ""'), ['a', '']);
  });

  it('a quote that never ends is refused', () => {
    throws(() => splitWords('say "good'), SyntaxError);
  });

  it('joining and splitting are inverse', () => {
    const words = ['plain', 'two words', '', 'back\\slash'];
    expectEqual(splitWords(joinWords(words)), words);
  });
});
