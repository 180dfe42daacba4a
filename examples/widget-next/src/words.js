import { needsQuotes, quote, unquote } from './quotes.js';

/** Splits a line into words at white space; quoted words stay whole. */
export function splitWords(line) {
  const words = [];
  const pattern = /\s*("(?:[^"\\]|\\.)*"|\$'(?:[^'\\]|\\.)*'|[^\s"]+)/gy;
  let end = 0;
  for (let match = pattern.exec(line); match; match = pattern.exec(line)) {
    words.push(/^["$]/.test(match[1]) ? unquote(match[1]) : match[1]);
    end = pattern.lastIndex;
  }
  if (line.slice(end).trim() !== '') throw new SyntaxError(`a quote that begins at ${end + 1} never ends`);
  return words;
}

/** One line of words, quoted where they need it. */
export function joinWords(words) {
  return words.map((word) => (needsQuotes(word) ? quote(word) : word)).join(' ');
}
