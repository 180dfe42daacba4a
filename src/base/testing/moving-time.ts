import { abortReason, systemClock, type Timer } from '../clock.ts';

/**
 * Loaded before the program of a real process (`--import`) that a test starts with a channel: its time goes on as ever,
 * and a message of the test, `{ move_ms }`, moves it on at once. What is due then strikes in order, and is answered.
 */
interface Waiting {
  at_ms: number;
  callback: () => void;
  readonly interval_ms: number | null;
  readonly background: boolean;
  real: Timer | null;
}

const real = { ...systemClock };
const timers = new Set<Waiting>();
let moved_ms = 0;

const monotonic_ms = (): number => real.monotonic_ms() + moved_ms;

function arm(timer: Waiting): void {
  timer.real?.stop();
  const left_ms = Math.max(0, timer.at_ms - monotonic_ms());
  timer.real = real.after(left_ms, () => strike(timer), { background: timer.background });
}

function strike(timer: Waiting): void {
  timer.real?.stop();
  if (!timers.delete(timer)) return;
  if (timer.interval_ms !== null) {
    // One that is late strikes once, as after a pause of the whole process.
    const next_ms = timer.at_ms + timer.interval_ms;
    timer.at_ms = next_ms > monotonic_ms() ? next_ms : monotonic_ms() + timer.interval_ms;
    timers.add(timer);
    arm(timer);
  }
  timer.callback();
}

function set(delay_ms: number, callback: () => void, interval_ms: number | null, background = false): Timer {
  const timer: Waiting = { at_ms: monotonic_ms() + delay_ms, callback, interval_ms, background, real: null };
  timers.add(timer);
  arm(timer);
  return {
    stop() {
      timers.delete(timer);
      timer.real?.stop();
    },
  };
}

function move(duration_ms: number): void {
  moved_ms += duration_ms;
  const now_ms = monotonic_ms();
  const due = [...timers].filter((timer) => timer.at_ms <= now_ms).sort((a, b) => a.at_ms - b.at_ms);
  for (const timer of timers) arm(timer);
  for (const timer of due) strike(timer);
}

Object.assign(systemClock, {
  now_ms: () => real.now_ms() + moved_ms,
  monotonic_ms,
  after: (delay_ms: number, callback: () => void, options?: { background?: boolean }) =>
    set(delay_ms, callback, null, options?.background),
  every: (interval_ms: number, callback: () => void, options?: { background?: boolean }) =>
    set(interval_ms, callback, interval_ms, options?.background),
  async sleep(duration_ms: number, signal?: AbortSignal) {
    const woken = Promise.withResolvers<void>();
    const timer = set(duration_ms, () => woken.resolve(), null);
    const aborted = (): void => {
      timer.stop();
      woken.reject(abortReason(signal as AbortSignal));
    };
    if (signal?.aborted) aborted();
    signal?.addEventListener('abort', aborted, { once: true });
    try {
      await woken.promise;
    } finally {
      signal?.removeEventListener('abort', aborted);
    }
  },
});

process.on('message', ({ move_ms }: { move_ms: number }) => {
  move(move_ms);
  process.send?.({ moved_ms });
});
// It is there for the test alone, and keeps no process that has ended its work.
process.channel?.unref();
