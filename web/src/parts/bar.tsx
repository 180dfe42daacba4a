import type { JSX } from 'preact';
import { lookOf } from './status.tsx';

/** Shares of a whole, in the order given; its title says the numbers. */
export function Bar(properties: {
  parts: readonly (readonly [word: string, count: number])[];
  whole?: number;
}): JSX.Element {
  const sum = properties.parts.reduce((total, [, count]) => total + count, 0);
  const whole = Math.max(properties.whole ?? sum, sum, 1);
  const shown = properties.parts.filter(([, count]) => count > 0);
  const title = shown.map(([word, count]) => `${count} ${word}`).join(', ');
  return (
    <span class="bar" role="img" aria-label={title} title={title}>
      {shown.map(([word, count]) => (
        <i key={word} class={lookOf(word)} style={{ width: `max(2px, ${(100 * count) / whole}%)` }} />
      ))}
    </span>
  );
}
