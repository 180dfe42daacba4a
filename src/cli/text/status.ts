import type { Operations } from '../../protocol/client.generated.ts';
import { appearanceOf, type Look } from '../../protocol/signs.ts';
import type { Paint } from './paint.ts';
import type { Cell } from './table.ts';

type Run = Operations['getRun']['answer']['run'];
type Counts = NonNullable<Run['counts']>;
type Colour = keyof Paint;

/** What the looks of states are in a terminal. */
const COLOURS: Readonly<Record<Look, Colour>> = {
  good: 'good',
  bad: 'bad',
  odd: 'odd',
  held: 'odd',
  live: 'strong',
  waits: 'quiet',
};

/** The sign of a state before what is said of it. */
function cell(state: string, paint: Paint, said: string = state): Cell {
  const [sign, look] = appearanceOf(state);
  return { text: `${sign} ${said}`, paint: paint[COLOURS[look]] };
}

/** A run's verdict, or its state while it has none. */
export function runStatus(run: Pick<Run, 'state' | 'verdict'>, paint: Paint): Cell {
  return cell(run.verdict ?? run.state, paint);
}

/** A finished build's verdict; before that there is none, whatever has failed so far. */
export function buildStatus(build: { verdict: string; finished_at: string | null }, paint: Paint): Cell {
  if (build.finished_at === null) return cell('running', paint, 'going on');
  return runStatus({ state: 'finished', verdict: build.verdict }, paint);
}

/** `word` is what is said, when it is not the status as it is. */
export function testStatus(status: string, paint: Paint, word: string = status): Cell {
  return cell(status, paint, word);
}

export function testSign(status: string): string {
  return appearanceOf(status)[0];
}

export function nodeStatus(state: string, paint: Paint): Cell {
  return cell(state, paint);
}

export function providerStatus(state: string, paint: Paint): Cell {
  return cell(state, paint);
}

/** A cell as it is said outside a table. */
export function painted(said: Cell): string {
  return typeof said === 'string' ? said : said.paint(said.text);
}

const COUNT_WORDS: readonly [keyof Counts, string][] = [
  ['fail', 'failed'],
  ['error', 'errors'],
  ['flaky', 'flaky'],
  ['skip', 'skipped'],
  ['xfail', 'failed as expected'],
];

/** `40 passed  1 failed`, what is not there left out; `–` when there are no results. */
export function countsText(counts: Counts | null): string {
  if (counts === null) return '–';
  const others = COUNT_WORDS.filter(([status]) => counts[status] > 0).map(
    ([status, word]) => `${counts[status]} ${word}`,
  );
  return [`${counts.pass} passed`, ...others].join('  ');
}

/** The same for a list: `40 ✓  1 ✗  1 ~`. */
export function countSigns(counts: Counts | null): string {
  if (counts === null) return '–';
  const others = COUNT_WORDS.filter(([status]) => counts[status] > 0).map(
    ([status]) => `${counts[status]} ${testSign(status)}`,
  );
  return [`${counts.pass} ${testSign('pass')}`, ...others].join('  ');
}
