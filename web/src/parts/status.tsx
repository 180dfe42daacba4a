import type { JSX } from 'preact';

/** Colour class and sign of every word of state: the sign tells it without the colour. */
const LOOKS: Readonly<Record<string, readonly [string, string]>> = {
  passed: ['good', '✓'],
  pass: ['good', '✓'],
  fix: ['good', '✓'],
  ready: ['good', '✓'],
  fulfilled: ['good', '✓'],
  failed: ['bad', '✗'],
  fail: ['bad', '✗'],
  regression: ['bad', '✗'],
  refused: ['bad', '✗'],
  timeout: ['bad', '✗'],
  infra: ['odd', '!'],
  error: ['odd', '!'],
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

/** The colour class of a word of state, for bars. */
export function lookOf(word: string): string {
  return LOOKS[word]?.[0] ?? 'waits';
}
