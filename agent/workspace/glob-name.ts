/** A character as it is, one of a set, any one, or any number of any. */
export type NamePart =
  | { kind: 'literal'; code: number }
  | { kind: 'set'; isWithout: boolean; ranges: [number, number][] }
  | { kind: 'one' }
  | { kind: 'any' };

/** The parts of one name of a glob. Never throws. */
export function nameParts(name: string): NamePart[] {
  const parts: NamePart[] = [];
  for (let index = 0; index < name.length; index++) {
    const character = name[index] as string;
    const set = character === '[' ? /^\[([!^]?)(\]?[^\]]*)\]/.exec(name.slice(index)) : null;
    if (set?.[2]) {
      parts.push({ kind: 'set', isWithout: set[1] !== '', ranges: rangesOf(set[2]) });
      index += set[0].length - 1;
    } else if (character === '*') {
      if (parts.at(-1)?.kind !== 'any') parts.push({ kind: 'any' });
    } else if (character === '?') parts.push({ kind: 'one' });
    else if (character === '\\' && index + 1 < name.length) {
      index++;
      parts.push({ kind: 'literal', code: name.charCodeAt(index) });
    } else parts.push({ kind: 'literal', code: name.charCodeAt(index) });
  }
  return parts;
}

/** `a-z` is a range; a minus at the beginning or the end is one. */
function rangesOf(text: string): [number, number][] {
  const ranges: [number, number][] = [];
  for (let index = 0; index < text.length; index++) {
    const first = text.charCodeAt(index);
    const isRange = text[index + 1] === '-' && index + 2 < text.length;
    ranges.push([first, isRange ? text.charCodeAt(index + 2) : first]);
    if (isRange) index += 2;
  }
  return ranges;
}

/**
 * Does the name at [start, end) of a text fit? Like the places of a path: each `*` takes as few characters as it can, and
 * only the last one that was met is given more.
 */
export function matchesName(parts: readonly NamePart[], text: string, start: number, end: number): boolean {
  let part = 0;
  let index = start;
  let again: { part: number; index: number } | null = null;
  while (index < end) {
    const wanted = parts[part];
    if (wanted?.kind === 'any') {
      again = { part: ++part, index };
    } else if (wanted !== undefined && fits(wanted, text.charCodeAt(index))) {
      part++;
      index++;
    } else if (again !== null) {
      again.index++;
      ({ part, index } = again);
    } else return false;
  }
  while (parts[part]?.kind === 'any') part++;
  return part === parts.length;
}

function fits(part: NamePart, code: number): boolean {
  if (part.kind === 'literal') return part.code === code;
  if (part.kind !== 'set') return true;
  return part.isWithout !== part.ranges.some(([first, last]) => first <= code && code <= last);
}
