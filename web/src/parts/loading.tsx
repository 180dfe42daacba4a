import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Trouble } from '../api.ts';
import { after } from '../clock.ts';
import { TroubleNotice } from './trouble.tsx';

/** Quicker answers need no word about them. */
const PATIENCE_MS = 400;

/** What stands where data will be: nothing at first, then that it is being read, or what went wrong. */
export function Loading(properties: { trouble: Trouble | null }): JSX.Element {
  const [slow, setSlow] = useState(false);
  useEffect(() => after(PATIENCE_MS, () => setSlow(true)), []);
  if (properties.trouble !== null) return <TroubleNotice trouble={properties.trouble} />;
  return (
    <p class="quiet" role="status">
      {slow ? 'Reading…' : '\u00a0'}
    </p>
  );
}
