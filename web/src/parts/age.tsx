import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { formatDuration } from '../../../src/base/units.ts';
import { every, localTime, momentOf, now_ms } from '../clock.ts';

/** Ticks for every age on the page. */
const tick = signal(now_ms());
every(1000, () => {
  if (!document.hidden) tick.value = now_ms();
});

/** How long ago; the moment itself in its title. */
export function Age(properties: { since: string }): JSX.Element {
  const age_ms = Math.max(0, tick.value - momentOf(properties.since));
  return (
    <time dateTime={properties.since} title={localTime(properties.since)}>
      {formatDuration(Math.floor(age_ms / 1000) * 1000)}
    </time>
  );
}

/** How long until; `over` when it is past. */
export function Left(properties: { until: string }): JSX.Element {
  const left_ms = momentOf(properties.until) - tick.value;
  return (
    <time dateTime={properties.until} title={localTime(properties.until)}>
      {left_ms <= 0 ? 'over' : formatDuration(Math.ceil(left_ms / 1000) * 1000)}
    </time>
  );
}
