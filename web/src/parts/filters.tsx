import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { after } from '../clock.ts';
import { go, query, withQuery } from '../route.ts';

/** Typing is one change of the address when it pauses. */
const PAUSE_MS = 250;

/** Choose one of some words; the choice is in the address. */
export function Choice(properties: {
  name: string;
  label: string;
  words: readonly string[];
  /** What no choice means. */
  none: string;
}): JSX.Element {
  const { name, words } = properties;
  const value = query.value.get(name) ?? '';
  const known = value === '' || words.includes(value) ? words : [...words, value];
  return (
    <label>
      <span class="quiet">{properties.label}</span>{' '}
      <select value={value} onChange={(event) => go(withQuery({ [name]: event.currentTarget.value }))}>
        <option value="">{properties.none}</option>
        {known.map((word) => (
          <option key={word} value={word}>
            {word}
          </option>
        ))}
      </select>
    </label>
  );
}

/** A text to filter by; it is in the address. */
export function TextFilter(properties: { name: string; label: string; placeholder?: string }): JSX.Element {
  const { name } = properties;
  const inAddress = query.value.get(name) ?? '';
  const [text, setText] = useState(inAddress);
  useEffect(() => setText(inAddress), [inAddress]);
  useEffect(() => {
    if (text === inAddress) return;
    return after(PAUSE_MS, () => go(withQuery({ [name]: text }), { replace: true }));
  }, [text]);
  return (
    <label>
      <span class="quiet">{properties.label}</span>{' '}
      <input
        type="search"
        value={text}
        autocomplete="off"
        placeholder={properties.placeholder ?? ''}
        onInput={(event) => setText(event.currentTarget.value)}
      />
    </label>
  );
}
