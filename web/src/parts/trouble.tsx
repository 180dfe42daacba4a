import type { JSX } from 'preact';
import type { Trouble } from '../api.ts';

/** What went wrong, and what to do; nothing when all is well. */
export function TroubleNotice(properties: { trouble: Trouble | null }): JSX.Element | null {
  if (properties.trouble === null) return null;
  return (
    <div class="notice" role="alert">
      <div>{properties.trouble.title}</div>
      <div class="quiet">{properties.trouble.next}</div>
    </div>
  );
}
