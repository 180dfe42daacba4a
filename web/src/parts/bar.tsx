import type { JSX } from 'preact';
import { lookOf } from './status.tsx';

/** A colour has one meaning in all bars: what is on its way to be ready is a paler ready. */
function barLook(word: string): string {
  return word === 'launching' ? 'coming' : lookOf(word);
}

/** What the colours of the bars in a table mean; `rest` is what their empty part is. */
export function BarLegend(properties: {
  parts: readonly (readonly [word: string, name: string])[];
  rest: string;
}): JSX.Element {
  return (
    <span class="caption-note quiet">
      {properties.parts.map(([word, name]) => (
        <span key={word} class="key">
          <i class={`swatch ${barLook(word)}`} /> {name}
        </span>
      ))}
      <span class="key">
        <i class="swatch" /> {properties.rest}
      </span>
    </span>
  );
}

/** Shares of a whole, in the order given; its title says the numbers. */
export function Bar(properties: {
  parts: readonly (readonly [word: string, count: number])[];
  /** Names for the parts, when they are not the words that colour them. */
  words?: readonly string[];
  whole?: number;
}): JSX.Element {
  const { parts, words } = properties;
  const sum = parts.reduce((total, [, count]) => total + count, 0);
  const whole = Math.max(properties.whole ?? sum, sum, 1);
  const named = parts.map(([word, count], index) => ({ word, count, name: words?.[index] ?? word }));
  const shown = named.filter(({ count }) => count > 0);
  const title = shown.map(({ name, count }) => `${count} ${name}`).join(', ') || 'none';
  return (
    <span class="bar" role="img" aria-label={title} title={title}>
      {shown.map(({ word, count }) => (
        <i key={word} class={barLook(word)} style={{ width: `max(2px, ${(100 * count) / whole}%)` }} />
      ))}
    </span>
  );
}
