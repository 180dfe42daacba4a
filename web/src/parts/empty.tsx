import type { JSX } from 'preact';
import { Command } from './command.tsx';

/** An empty page says what to do, with the command to copy. */
export function Empty(properties: { text: string; command: string | null }): JSX.Element {
  return (
    <div class="empty">
      <div>{properties.text}</div>
      {properties.command === null ? null : <Command text={properties.command} />}
    </div>
  );
}
