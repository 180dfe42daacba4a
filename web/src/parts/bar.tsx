import type { JSX } from 'preact';
import { lookOf } from './status.tsx';

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
        <i key={word} class={lookOf(word)} style={{ width: `max(2px, ${(100 * count) / whole}%)` }} />
      ))}
    </span>
  );
}
