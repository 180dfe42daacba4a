/** What a sign means beside its form: command line and dashboard each have a colour for it. */
export type Look = 'good' | 'bad' | 'odd' | 'live' | 'held' | 'waits';

type Appearance = readonly [sign: string, look: Look];

const GOOD: Appearance = ['✓', 'good'];
const BAD: Appearance = ['✗', 'bad'];
const ODD: Appearance = ['!', 'odd'];
const LIVE: Appearance = ['▸', 'live'];
const OVER: Appearance = ['−', 'waits'];
const WAITS: Appearance = ['·', 'waits'];

/** A sign for every word of state, so that colour is never needed: the same in a terminal and in the dashboard. */
const APPEARANCES: Readonly<Record<string, Appearance>> = {
  ...{ passed: GOOD, pass: GOOD, fix: GOOD, ready: GOOD, fulfilled: GOOD, finished: GOOD, ok: GOOD },
  ...{ failed: BAD, fail: BAD, regression: BAD, timeout: BAD, refused: BAD, broken: BAD, halt: BAD, dead: BAD },
  ...{ infra: ODD, error: ODD, paused: ODD, failing: ODD },
  ...{ running: LIVE, assigned: LIVE, finishing: LIVE },
  ...{ cancelled: OVER, skipped: OVER, skip: OVER, gone: OVER, deleting: OVER, deleted: OVER },
  ...{ waiting: WAITS, queued: WAITS },
  flaky: ['~', 'odd'],
  new: ['+', 'live'],
  held: ['■', 'held'],
  xfail: ['×', 'waits'],
};

/** How a word of state looks; one that nobody knows looks as if it waited. */
export function appearanceOf(word: string): Appearance {
  return APPEARANCES[word] ?? WAITS;
}
