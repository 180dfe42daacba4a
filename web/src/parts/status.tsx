import type { JSX } from 'preact';
import { appearanceOf } from '../../../src/protocol/signs.ts';

/** A state as a sign and a word. */
export function Status(properties: { word: string; text?: string }): JSX.Element {
  const [sign, look] = appearanceOf(properties.word);
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
  const [sign, look] = appearanceOf(properties.word);
  return (
    <span class={`sign ${look}`} role="img" aria-label={properties.word} title={properties.word}>
      {sign}
    </span>
  );
}

/** The colour class of a word of state, for bars. */
export function lookOf(word: string): string {
  return appearanceOf(word)[1];
}

/** What is said of a run: its verdict when it has one, else its state. */
export function runWord(run: { state: string; verdict: string | null }): string {
  return run.verdict ?? run.state;
}
