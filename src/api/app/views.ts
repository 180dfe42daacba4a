import { type Clock, dateFrom } from '../../base/clock.ts';

/** Small conversions that every view needs. */
export function time(date: Date): string {
  return date.toISOString();
}

export function timeOrNull(date: Date | null): string | null {
  return date === null ? null : date.toISOString();
}

/** Since when a node's agent is silent, by the clock on the wall; null while it is heard of. */
export function unheardSince(clock: Clock, node: { silent_ms: number | null }): string | null {
  return node.silent_ms === null ? null : time(dateFrom(clock.now_ms() - node.silent_ms));
}

/** Milliseconds from one moment to another, null when either is missing. */
export function between_ms(from: Date | null, to: Date | null): number | null {
  return from === null || to === null ? null : Math.max(0, to.getTime() - from.getTime());
}
