import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { after } from '../clock.ts';

/** A button that puts a text on the clipboard, and says so. */
export function CopyButton(properties: { text: () => string; children: string }): JSX.Element {
  const [said, setSaid] = useState<string | null>(null);
  const copy = async (): Promise<void> => {
    const copied = await writeClipboard(properties.text());
    setSaid(copied ? 'copied' : 'not allowed here');
    after(1500, () => setSaid(null));
  };
  return (
    <button type="button" class="plain" onClick={() => void copy()} aria-live="polite">
      {said ?? properties.children}
    </button>
  );
}

/** Browsers give the clipboard only to pages over HTTPS or from this machine. */
async function writeClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'offscreen';
  document.body.append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  return copied;
}

/** A command line, with a button that copies it. */
export function Command(properties: { text: string }): JSX.Element {
  return (
    <span class="command">
      <code>{properties.text}</code>
      <CopyButton text={() => properties.text}>copy</CopyButton>
    </span>
  );
}
