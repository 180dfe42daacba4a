import type { ComponentChildren, JSX } from 'preact';
import { Age } from './age.tsx';

/** Says that nothing was heard of somebody for a while; nothing while there is no silence. */
export function Unheard(properties: { since: string | null; children: ComponentChildren }): JSX.Element | null {
  if (properties.since === null) return null;
  return (
    <div class="notice" role="status">
      <span class="odd" aria-hidden="true">
        !
      </span>{' '}
      {properties.children} was not heard of for <Age since={properties.since} />.
    </div>
  );
}
