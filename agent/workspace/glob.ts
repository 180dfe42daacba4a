/**
 * A glob over paths with `/`: `*` and `?` within a name, `**` over whole names, `[a-z]`, `[!a-z]`, `{one,two}`, and `\` to
 * take a character as it is. A glob whose last name is plain, such as `out`, takes everything in that directory too.
 */
export interface Glob {
  matches(path: string): boolean;
  /** The names before the first special one: only there can anything match. */
  fixed: string[];
}

/** Never throws: a bracket or brace that does not close is taken as it is. */
export function compileGlob(pattern: string): Glob {
  const clean = pattern
    .replace(/^(\.\/+)+/, '')
    .replace(/\/{2,}/g, '/')
    .replace(/\/$/, '');
  const alternatives = expandBraces(clean);
  const expressions = alternatives.map(
    (part) => new RegExp(`^${translate(part)}${/[*?[\]{}\\][^/]*$/.test(part) ? '' : '(?:/.*)?'}$`, 's'),
  );
  const names = alternatives.length === 1 ? clean.split('/') : [];
  const special = names.findIndex((name) => /[*?[\]{}\\]/.test(name));
  return {
    matches: (path) => expressions.some((expression) => expression.test(path)),
    fixed: special === -1 ? names.slice(0, -1) : names.slice(0, special),
  };
}

const MOST_ALTERNATIVES = 256;

function expandBraces(pattern: string): string[] {
  const open = /(?<!\\)\{([^{}]*,[^{}]*)\}/.exec(pattern);
  if (!open) return [pattern];
  const before = pattern.slice(0, open.index);
  const after = pattern.slice(open.index + open[0].length);
  const words = (open[1] as string).split(',');
  return words.flatMap((word) => expandBraces(`${before}${word}${after}`)).slice(0, MOST_ALTERNATIVES);
}

function translate(pattern: string): string {
  let out = '';
  for (let index = 0; index < pattern.length; ) {
    const rest = pattern.slice(index);
    const any = /^\*\*(\/|$)/.exec(rest);
    if (any && (index === 0 || pattern[index - 1] === '/')) {
      out += any[1] === '/' ? '(?:[^/]+/)*' : '.+';
      index += any[0].length;
      continue;
    }
    const set = /^\[([!^]?)(\]?[^\]/]*)\]/.exec(rest);
    if (set?.[2]) {
      out += `(?!/)[${set[1] === '' ? '' : '^'}${set[2].replace(/[\\\]^[]/g, '\\$&')}]`;
      index += set[0].length;
      continue;
    }
    const stars = /^\*+/.exec(rest);
    if (stars) out += '[^/]*';
    else if (rest[0] === '?') out += '[^/]';
    else if (rest[0] === '\\' && rest.length > 1) out += literal(rest[1] as string);
    else out += literal(rest[0] as string);
    index += stars ? stars[0].length : rest[0] === '\\' && rest.length > 1 ? 2 : 1;
  }
  return out;
}

function literal(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&');
}

/** `part2` before `part10`: digits compare as numbers, the rest as code units. A total order. */
export function compareNaturally(left: string, right: string): number {
  const leftParts = left.match(/\d+|\D+/g) ?? [];
  const rightParts = right.match(/\d+|\D+/g) ?? [];
  for (let index = 0; index < Math.min(leftParts.length, rightParts.length); index++) {
    const [one, two] = [leftParts[index] as string, rightParts[index] as string];
    const numeric = /^\d/.test(one) && /^\d/.test(two);
    const order = numeric ? compareDigits(one, two) : one < two ? -1 : one > two ? 1 : 0;
    if (order !== 0) return order;
  }
  return leftParts.length - rightParts.length || (left < right ? -1 : left > right ? 1 : 0);
}

function compareDigits(left: string, right: string): number {
  const [one, two] = [left.replace(/^0+(?=\d)/, ''), right.replace(/^0+(?=\d)/, '')];
  return one.length - two.length || (one < two ? -1 : one > two ? 1 : 0);
}
