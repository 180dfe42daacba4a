/**
 * One byte a test on a logarithmic scale: 0 unknown, 1 nothing measurable (below 50 µs), 2 … 255 from 0.1 ms to
 * 28 hours in steps of 8.5 %, so that a stored duration is within 4.2 % of the real one. Longer ones are stored as 28 hours.
 */
const SHORTEST_MS = 0.1;
const LONGEST_MS = 1e8;
const STEPS = 253;
const STEP = Math.log(LONGEST_MS / SHORTEST_MS) / STEPS;
const NONE_BELOW_MS = SHORTEST_MS / 2;

const EXPANDED_MS = Float64Array.from({ length: 256 }, (_, byte) => SHORTEST_MS * Math.exp((byte - 2) * STEP));

/** NaN and negative durations are unknown. */
export function durationByte(duration_ms: number): number {
  if (!(duration_ms >= 0)) return 0;
  if (duration_ms < NONE_BELOW_MS) return 1;
  const step = Math.round(Math.log(duration_ms / SHORTEST_MS) / STEP);
  return 2 + Math.min(STEPS, Math.max(0, step));
}

/** Rounded to three digits; null when unknown. */
export function durationFromByte_ms(byte: number): number | null {
  if (byte === 0) return null;
  if (byte === 1) return 0;
  return Number((EXPANDED_MS[byte] as number).toPrecision(3));
}

/** Null when none is known, one byte when all are the same, else one byte a test: a single one can be cut out in SQL. */
export function packDurations(bytes: Uint8Array): Buffer | null {
  const first = bytes[0] ?? 0;
  if (bytes.every((byte) => byte === first)) return first === 0 ? null : Buffer.from([first]);
  return Buffer.from(bytes);
}

export function durationAt(packed: Buffer | null, index: number): number | null {
  if (packed === null) return null;
  return durationFromByte_ms(packed[packed.length === 1 ? 0 : index] ?? 0);
}
