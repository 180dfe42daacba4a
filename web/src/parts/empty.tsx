import type { JSX } from 'preact';
import { Command } from './command.tsx';

/** An empty page says what to do, with the command to copy. What stands between backticks is code. */
export function Empty(properties: { text: string; command: string | null }): JSX.Element {
  return (
    <div class="empty">
      <div>
        {properties.text.split('`').map((part, index) => (index % 2 === 1 ? <code key={part}>{part}</code> : part))}
      </div>
      {properties.command === null ? null : <Command text={properties.command} />}
    </div>
  );
}
