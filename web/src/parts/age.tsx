import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { formatDuration } from '../../../src/base/units.ts';
import { every, localClock, localTime, momentOf, now_ms } from '../clock.ts';

/** Ticks for every age on the page. */
const tick = signal(now_ms());
every(1000, () => {
  if (!document.hidden) tick.value = now_ms();
});

/** Whole seconds below a minute: a tenth would only flicker. */
function whole(duration_ms: number): string {
  const seconds = Math.max(0, Math.round(duration_ms / 1000));
  return seconds < 60 ? `${seconds} s` : formatDuration(seconds * 1000);
}

/** How long ago, its largest unit alone when it is to be `short`; the moment itself in its title. */
export function Age(properties: { since: string; short?: boolean }): JSX.Element {
  const age = whole(tick.value - momentOf(properties.since));
  return (
    <time class="age" dateTime={properties.since} title={localTime(properties.since)}>
      {properties.short ? largestUnit(age) : age}
    </time>
  );
}

/** `9 min` of `9 min 12 s`. */
function largestUnit(duration: string): string {
  return duration.split(' ', 2).join(' ');
}

/** How long until; `over` when it is past. */
export function Left(properties: { until: string }): JSX.Element {
  const left_ms = momentOf(properties.until) - tick.value;
  return (
    <time class="age" dateTime={properties.until} title={localTime(properties.until)}>
      {left_ms <= 0 ? 'over' : whole(left_ms)}
    </time>
  );
}

/** A time of day; date and time in its title. */
export function Moment(properties: { at: string }): JSX.Element {
  return (
    <time class="mono" dateTime={properties.at} title={localTime(properties.at)}>
      {localClock(properties.at)}
    </time>
  );
}
