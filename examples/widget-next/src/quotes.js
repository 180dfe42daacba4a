import { readData } from './platform.js';

/**
 * The text in quotes, so that `unquote` gives it back. Quotes inside are easier to read in $'…', where the
 * environment has it; elsewhere they are doubled.
 */
export function quote(text) {
  if (text.includes('"')) {
    if (readData('platform').dollar_quotes) return `$'${text.replace(/['\\]/g, '\\$&')}'`;
    return `"${text.replaceAll('"', '""')}"`;
  }
  return `"${text.replace(/\\/g, '\\$&').replace(/\n/g, '\\n').replace(/\t/g, '\\t')}"`;
}

/** What a quoted text stands for; throws a SyntaxError where it is not one. */
export function unquote(text) {
  if (/^\$'.*'$/s.test(text)) return text.slice(2, -1).replace(/\\(.)/gs, '$1');
  if (!/^".*"$/s.test(text) || text.length < 2) throw new SyntaxError('a quoted text begins and ends with "');
  const inside = text.slice(1, -1);
  let result = '';
  for (let at = 0; at < inside.length; at++) {
    // Two quoted texts side by side are one, as in a shell.
    if (inside.startsWith('""', at)) {
      at++;
      continue;
    }
    if (inside[at] === '"') throw new SyntaxError(`a quote inside, at ${at + 1}, needs a backslash`);
    if (inside[at] !== '\\') {
      result += inside[at];
      continue;
    }
    at++;
    if (at === inside.length) throw new SyntaxError('a backslash at the end escapes nothing');
    result += { n: '\n', t: '\t' }[inside[at]] ?? inside[at];
  }
  return result;
}

/** Does the text need quotes to stay one word? */
export function needsQuotes(text) {
  return text === '' || /[\s"'\\]/.test(text);
}
