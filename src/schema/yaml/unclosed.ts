import { CST } from 'yaml';

/** A bracket or a quote that was opened and never closed. */
export interface Unclosed {
  readonly offset: number;
  readonly character: string;
}

const CLOSING: Readonly<Record<string, string>> = { '[': ']', '{': '}' };

/** Where brackets and quotes were opened that are not closed. Of those inside each other only the innermost. */
export function findUnclosed(tokens: readonly CST.Token[]): Unclosed[] {
  return tokens.flatMap(unclosedIn);
}

/** What to say of it. */
export function unclosedMessage({ character }: Unclosed): string {
  const closing = CLOSING[character];
  if (closing === undefined) return `this ${character} is never closed`;
  return `this ${character} is never closed, or a line before its ${closing} is not indented`;
}

/** As deep as the tokens are nested, which the reader bounds. */
function unclosedIn(token: CST.Token): Unclosed[] {
  const inside = childTokens(token).flatMap(unclosedIn);
  if (inside.length > 0) return inside;
  const character = openedBy(token);
  return character === null ? [] : [{ offset: token.offset, character }];
}

/** What a token begins with and does not end with; null when it is whole. */
function openedBy(token: CST.Token): string | null {
  if (token.type === 'flow-collection') {
    const { source } = token.start;
    return token.end[0]?.source === CLOSING[source] ? null : source;
  }
  if (token.type !== 'double-quoted-scalar' && token.type !== 'single-quoted-scalar') return null;
  const quote = token.source.charAt(0);
  return token.source.length > 1 && token.source.endsWith(quote) ? null : quote;
}

/** What stands directly in a token. */
export function childTokens(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value ? [token.value] : [];
  if (!CST.isCollection(token)) return [];
  return token.items.flatMap((item) => [item.key, item.value].filter((part) => part !== undefined && part !== null));
}
