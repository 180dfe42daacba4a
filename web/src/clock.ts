/** The only place of the dashboard that reads the time or waits for it. */
export function now_ms(): number {
  return Date.now();
}

/** Milliseconds since 1970 of an ISO 8601 moment. */
export function momentOf(text: string): number {
  return Date.parse(text);
}

/** Calls once after the delay; the answer stops it. */
export function after(delay_ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, delay_ms);
  return () => clearTimeout(timer);
}

/** Waits. */
export function sleep(delay_ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, delay_ms);
  });
}

/** Calls again and again; the answer stops it. */
export function every(interval_ms: number, callback: () => void): () => void {
  const timer = setInterval(callback, interval_ms);
  return () => clearInterval(timer);
}

/** In the reader's own time zone. */
export function localTime(text: string): string {
  return new Date(text).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
}

/** The time of day only, in the reader's own time zone. */
export function localClock(text: string): string {
  return new Date(text).toLocaleTimeString(undefined, { hourCycle: 'h23' });
}
