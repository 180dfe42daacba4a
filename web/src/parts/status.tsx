import type { JSX } from 'preact';

/** Colour class and sign of every word of state: the sign tells it without the colour. */
const LOOKS: Readonly<Record<string, readonly [look: string, sign: string]>> = {
  passed: ['good', '✓'],
  pass: ['good', '✓'],
  fix: ['good', '✓'],
  ready: ['good', '✓'],
  fulfilled: ['good', '✓'],
  finished: ['good', '✓'],
  ok: ['good', '✓'],
  failed: ['bad', '✗'],
  fail: ['bad', '✗'],
  regression: ['bad', '✗'],
  refused: ['bad', '✗'],
  timeout: ['bad', '✗'],
  broken: ['bad', '✗'],
  halt: ['bad', '✗'],
  dead: ['bad', '✗'],
  infra: ['odd', '!'],
  error: ['odd', '!'],
  paused: ['odd', '!'],
  failing: ['odd', '!'],
  flaky: ['odd', '~'],
  new: ['live', '+'],
  gone: ['waits', '−'],
  skip: ['waits', '·'],
  xfail: ['waits', '×'],
  skipped: ['waits', '·'],
  cancelled: ['waits', '·'],
  held: ['held', '■'],
  running: ['live', '▸'],
  assigned: ['live', '▸'],
  finishing: ['live', '▸'],
  waiting: ['waits', '…'],
  queued: ['waits', '…'],
  deleting: ['waits', '−'],
  deleted: ['waits', '−'],
};

/** A state as a sign and a word. */
export function Status(properties: { word: string; text?: string }): JSX.Element {
  const [look, sign] = LOOKS[properties.word] ?? ['waits', '·'];
  return (
    <span class={`status ${look}`}>
      <span class="sign" aria-hidden="true">
        {sign}
      </span>{' '}
      {properties.text ?? properties.word}
    </span>
  );
}

/** Only the sign, with the word for those who do not see it. */
export function Sign(properties: { word: string }): JSX.Element {
  const [look, sign] = LOOKS[properties.word] ?? ['waits', '·'];
  return (
    <span class={`sign ${look}`} role="img" aria-label={properties.word} title={properties.word}>
      {sign}
    </span>
  );
}

/** The colour class of a word of state, for bars. */
export function lookOf(word: string): string {
  return LOOKS[word]?.[0] ?? 'waits';
}

/** What is said of a run: its verdict when it has one, else its state. */
export function runWord(run: { state: string; verdict: string | null }): string {
  return run.verdict ?? run.state;
}
