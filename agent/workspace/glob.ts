import { expandBraces, globProblem } from '../../src/protocol/glob.ts';
import { matchesName, type NamePart, nameParts } from './glob-name.ts';

/**
 * A glob over paths with `/`: `*` and `?` within a name, `**` over whole names, `[a-z]`, `[!a-z]`, `{one,two}`, and `\\` to
 * take a character as it is. A glob whose last name is plain, such as `out`, takes everything in that directory too.
 */
export interface Glob {
  matches(path: string): boolean;
  /** The names before the first special one: only there can anything match. */
  fixed: string[];
}

/** A name, or any number of names. */
type Place = NamePart[] | 'names';

const ANY_NAME: NamePart[] = [{ kind: 'any' }];
const SPECIAL = /[*?[\]{}\\]/;

/**
 * A bracket or brace that does not close is taken as it is. Throws an `Error` with a plain sentence for a glob that is
 * beyond its bounds. Matching costs at most the glob's length times the path's, for every alternative: never more,
 * whatever the glob and whoever named the files.
 */
export function compileGlob(pattern: string): Glob {
  const problem = globProblem(pattern);
  if (problem !== null) throw new Error(`the glob ${problem}`);
  const clean = pattern
    .replace(/\\(.)/gs, (both, character: string) => (character === '/' ? '/' : both))
    .replace(/^(\.\/+)+/, '')
    .replace(/\/{2,}/g, '/')
    .replace(/\/$/, '');
  const alternatives = expandBraces(clean) ?? [];
  const globs = alternatives.map((glob) => {
    const places = placesOf(glob);
    return { places, tail: tailOf(places) };
  });
  const names = alternatives.length === 1 ? clean.split('/') : [];
  const special = names.findIndex((name) => SPECIAL.test(name));
  return {
    matches: (path) => globs.some(({ places, tail }) => path.endsWith(tail) && matchesPath(places, path)),
    fixed: special === -1 ? names.slice(0, -1) : names.slice(0, special),
  };
}

function placesOf(glob: string): Place[] {
  const names = glob.split('/');
  const places = names.map((name): Place => (name === '**' ? 'names' : nameParts(name)));
  // What is below a directory, but not the directory.
  if (places.at(-1) === 'names') places.splice(-1, 0, ANY_NAME);
  else if (!SPECIAL.test(names.at(-1) as string)) places.push('names');
  return places;
}

/** The plain characters at the end, which sort out most paths at once. */
function tailOf(places: readonly Place[]): string {
  const last = places.at(-1);
  if (last === undefined || last === 'names') return '';
  let tail = '';
  for (const part of last.toReversed()) {
    if (part.kind !== 'literal') break;
    tail = String.fromCharCode(part.code) + tail;
  }
  return tail;
}

/**
 * Whether whole names fit the places. Each `**` takes as few names as it can, and only the last one that was met is ever
 * given one more: where the places after it fitted once, an earlier one has nothing to gain.
 */
function matchesPath(places: readonly Place[], path: string): boolean {
  let place = 0;
  let start = 0;
  let again: { place: number; start: number } | null = null;
  while (start <= path.length) {
    const wanted = places[place];
    if (wanted === 'names') {
      again = { place: ++place, start };
      continue;
    }
    const end = endOfName(path, start);
    if (wanted !== undefined && matchesName(wanted, path, start, end)) {
      place++;
      start = end + 1;
    } else if (again !== null) {
      again.start = endOfName(path, again.start) + 1;
      ({ place, start } = again);
    } else return false;
  }
  while (places[place] === 'names') place++;
  return place === places.length;
}

function endOfName(path: string, start: number): number {
  const end = path.indexOf('/', start);
  return end === -1 ? path.length : end;
}
