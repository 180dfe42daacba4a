/** A table or view that a statement reads. */
export interface Read {
  table: string;
  /** Its rows are locked as well. */
  locked: boolean;
}

interface Token {
  /** In lower case. */
  word: string;
  /** Where the parentheses around it begin; -1: nowhere. Of one level are the tokens of one statement, or of a part of it. */
  level: number;
}

interface Named {
  table: string;
  alias: string;
  level: number;
}

/** Text that is SQL or a part of it, not a sentence. */
const SQL = /\bselect\b|\bjoin\b|\binsert\s+into\b|\bdelete\s+from\b|\bset\b|\block\s+table\b|^[\s(]*from\b/i;
const TOKEN = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"?[a-z_][\w$]*"?(?:\s*\.\s*"?[a-z_*][\w$]*"?)*|[(),;\0]/gi;
/** What ends the list of tables after `from`. */
const ENDS = new Set([
  ...['where', 'group', 'having', 'window', 'order', 'limit', 'offset', 'fetch', 'for', 'union', 'except', 'intersect'],
  ...['returning', 'set', 'when', 'select', ';'],
]);
const NO_ALIAS = new Set([
  ...['on', 'using', 'join', 'left', 'right', 'full', 'inner', 'outer', 'cross', 'natural', 'as', 'tablesample'],
  ...[',', '(', ')', '\0'],
  ...ENDS,
]);
const BEFORE_NAME = new Set(['only', 'lateral', 'table', '(']);
const LOCK = /^(?:update|share|no key update|key share)\b/;

/**
 * The tables that a text of SQL reads: after `from`, its commas, `join` and `using`, at any depth, and those that
 * `for update` and its kin, or `lock table`, lock. What stands in `${…}` is a NUL. A name that is bound by `with` is
 * taken for the table of that name.
 */
export function readsOf(text: string): Read[] {
  if (!SQL.test(text)) return [];
  const tokens = tokensOf(text);
  const named = tokens.flatMap((_, at) => namedAt(tokens, at));
  const locked = new Set(tokens.flatMap((_, at) => lockedAt(tokens, at, named)));
  const reads = named.map(({ table, alias, level }) => ({
    table,
    locked: locked.has(keyOf(level, alias)) || locked.has(keyOf(level, '*')),
  }));
  return [...reads, ...tokens.flatMap((_, at) => lockedTable(tokens, at))];
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const open: number[] = [];
  for (const [found] of text.matchAll(TOKEN)) {
    if (found.startsWith('--') || found.startsWith('/*') || found.startsWith("'")) continue;
    if (found === ')') open.pop();
    tokens.push({ word: found.toLowerCase().replace(/["\s]/g, ''), level: open.at(-1) ?? -1 });
    if (found === '(') open.push(tokens.length);
  }
  return tokens;
}

/** What is named by the `from`, `join` or `using` at this place. */
function namedAt(tokens: readonly Token[], at: number): Named[] {
  const { word, level } = tokens[at] as Token;
  const before = tokens[at - 1]?.word;
  if (word === 'join') return tableAt(tokens, at + 1, level);
  if (word === 'using') return tokens[at + 1]?.word === '(' ? [] : tableAt(tokens, at + 1, level);
  if (word !== 'from' || before === 'distinct') return [];
  const named = tableAt(tokens, at + 1, level);
  for (let next = at + 1; next < tokens.length; next += 1) {
    const token = tokens[next] as Token;
    if (token.level < level || (token.level === level && (ENDS.has(token.word) || token.word === 'from'))) break;
    if (token.level === level && token.word === ',') named.push(...tableAt(tokens, next + 1, level));
  }
  return named;
}

function tableAt(tokens: readonly Token[], at: number, level: number): Named[] {
  let next = at;
  while (BEFORE_NAME.has(tokens[next]?.word ?? '')) next += 1;
  const table = (tokens[next]?.word ?? '').replace(/^public\./, '');
  if (!/^[a-z_][\w$]*$/.test(table) || ENDS.has(table) || tokens[next + 1]?.word === '(') return [];
  const after = tokens[next + 1]?.word === 'as' ? next + 2 : next + 1;
  const alias = tokens[after]?.word ?? '';
  return [{ table, alias: alias === '' || NO_ALIAS.has(alias) ? table : alias, level }];
}

/** The keys of what the lock at this place takes: all of its statement, or what it names. */
function lockedAt(tokens: readonly Token[], at: number, named: readonly Named[]): string[] {
  const { word, level } = tokens[at] as Token;
  const what = tokens.slice(at + 1, at + 4).map((token) => token.word);
  if (word !== 'for' || !LOCK.test(what.join(' '))) return [];
  let next = at + 1;
  while (['no', 'key', 'update', 'share'].includes(tokens[next]?.word ?? '')) next += 1;
  if (tokens[next]?.word !== 'of') return [keyOf(level, '*')];
  const keys: string[] = [];
  for (next += 1; tokens[next] !== undefined; next += 2) {
    keys.push(keyOf(level, (tokens[next] as Token).word));
    if (tokens[next + 1]?.word !== ',') break;
  }
  return keys.filter((key) => named.some((one) => keyOf(one.level, one.alias) === key));
}

function lockedTable(tokens: readonly Token[], at: number): Read[] {
  if (tokens[at]?.word !== 'lock' || tokens[at + 1]?.word !== 'table') return [];
  return tableAt(tokens, at + 1, -1).map(({ table }) => ({ table, locked: true }));
}

function keyOf(level: number, alias: string): string {
  return `${level} ${alias}`;
}
