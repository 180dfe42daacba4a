import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { after } from '../clock.ts';

/** A command line, with a button that copies it. */
export function Command(properties: { text: string }): JSX.Element {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(properties.text);
    setCopied(true);
    after(1500, () => setCopied(false));
  };
  return (
    <span class="command">
      <code>{properties.text}</code>
      <button type="button" class="plain" onClick={() => void copy()}>
        {copied ? 'copied' : 'copy'}
      </button>
    </span>
  );
}
