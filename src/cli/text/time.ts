import type { Clock } from '../../base/clock.ts';
import { formatDuration } from '../../base/units.ts';

const UNITS: readonly [string, number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
];

/** One unit is enough for a list: `12 s`, `6 min`, `3 h`, `9 d`. */
export function coarse(duration_ms: number): string {
  for (const [unit, size] of UNITS) if (duration_ms >= 2 * size) return `${Math.floor(duration_ms / size)} ${unit}`;
  if (duration_ms >= 60_000) return '1 min';
  return `${Math.max(0, Math.floor(duration_ms / 1000))} s`;
}

/** How long ago a moment was; `–` for none. */
export function ageOf(moment: string | null, clock: Clock): string {
  return moment === null ? '–' : coarse(clock.now_ms() - Date.parse(moment));
}

/** How long until a moment, never below nothing. */
export function leftUntil(moment: string, clock: Clock): string {
  const left_ms = Math.max(0, Date.parse(moment) - clock.now_ms());
  return left_ms < 60_000 ? coarse(left_ms) : formatDuration(Math.round(left_ms / 60_000) * 60_000);
}

/** `2026-11-20 16:20:11 UTC`: the same for everybody who reads it. */
export function momentText(moment: string): string {
  return `${moment.slice(0, 10)} ${moment.slice(11, 19)} UTC`;
}

/** `16:20:11`, or with its day when the moments are of several days. */
export function timeOfDay(moment: string, withDay: boolean): string {
  return withDay ? `${moment.slice(5, 10)} ${moment.slice(11, 19)}` : moment.slice(11, 19);
}

/** Are these moments of more than one day? */
export function severalDays(moments: readonly string[]): boolean {
  return new Set(moments.map((moment) => moment.slice(0, 10))).size > 1;
}

/** `3.3 s`; `–` for none. */
export function durationText(duration_ms: number | null): string {
  return duration_ms === null ? '–' : formatDuration(duration_ms);
}
