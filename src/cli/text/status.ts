import type { Operations } from '../../protocol/client.generated.ts';
import type { Paint } from './paint.ts';
import type { Cell } from './table.ts';

type Run = Operations['getRun']['answer']['run'];
type Counts = NonNullable<Run['counts']>;
type Colour = keyof Paint;

/** A sign for every status, so that colour is never needed. */
const RUN_SIGNS: Readonly<Record<string, readonly [sign: string, colour: Colour]>> = {
  passed: ['✓', 'good'],
  failed: ['✗', 'bad'],
  timeout: ['✗', 'bad'],
  infra: ['!', 'odd'],
  cancelled: ['−', 'quiet'],
  skipped: ['−', 'quiet'],
  running: ['▸', 'strong'],
  finishing: ['▸', 'strong'],
};
const TEST_SIGNS: Readonly<Record<string, readonly [sign: string, colour: Colour]>> = {
  pass: ['✓', 'good'],
  fail: ['✗', 'bad'],
  error: ['!', 'bad'],
  flaky: ['~', 'odd'],
  skip: ['−', 'quiet'],
  xfail: ['×', 'quiet'],
};
const NODE_SIGNS: Readonly<Record<string, readonly [sign: string, colour: Colour]>> = {
  ready: ['✓', 'good'],
  held: ['■', 'odd'],
  assigned: ['▸', 'strong'],
  running: ['▸', 'strong'],
  deleting: ['−', 'quiet'],
  deleted: ['−', 'quiet'],
};
const PROVIDER_SIGNS: Readonly<Record<string, readonly [sign: string, colour: Colour]>> = {
  ok: ['✓', 'good'],
  paused: ['!', 'odd'],
  failing: ['!', 'odd'],
  broken: ['✗', 'bad'],
};
const WAITING = ['·', 'quiet'] as const;

function cell([sign, colour]: readonly [string, Colour], word: string, paint: Paint): Cell {
  return { text: `${sign} ${word}`, paint: paint[colour] };
}

/** A run's verdict, or its state while it has none. */
export function runStatus(run: Pick<Run, 'state' | 'verdict'>, paint: Paint): Cell {
  const word = run.verdict ?? run.state;
  return cell(RUN_SIGNS[word] ?? WAITING, word, paint);
}

/** A finished build's verdict; before that there is none, whatever has failed so far. */
export function buildStatus(build: { verdict: string; finished_at: string | null }, paint: Paint): Cell {
  if (build.finished_at === null) return cell(RUN_SIGNS.running ?? WAITING, 'going on', paint);
  return runStatus({ state: 'finished', verdict: build.verdict }, paint);
}

/** `word` is what is said, when it is not the status as it is. */
export function testStatus(status: string, paint: Paint, word: string = status): Cell {
  return cell(TEST_SIGNS[status] ?? WAITING, word, paint);
}

export function testSign(status: string): string {
  return (TEST_SIGNS[status] ?? WAITING)[0];
}

export function nodeStatus(state: string, paint: Paint): Cell {
  return cell(NODE_SIGNS[state] ?? WAITING, state, paint);
}

export function providerStatus(state: string, paint: Paint): Cell {
  return cell(PROVIDER_SIGNS[state] ?? WAITING, state, paint);
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
