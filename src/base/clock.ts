/**
 * The only place that reads the time or waits for it. Everything else is handed a `Clock`, so that a test or the
 * simulator can drive time; a check refuses the global functions elsewhere.
 */
export interface Timer {
  /** Stops the timer; calling it again does nothing. */
  stop(): void;
}

export interface Clock {
  /** Wall time, milliseconds since 1970. */
  now_ms(): number;
  /** Time that never jumps, for measuring durations, in milliseconds. */
  monotonic_ms(): number;
  /** Waits; rejects with the signal's reason when it is aborted first. */
  sleep(duration_ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls once after the delay. The timer does not keep the process alive when `background` is set. */
  after(delay_ms: number, callback: () => void, options?: { background?: boolean }): Timer;
  /** Calls again and again. The timer does not keep the process alive when `background` is set. */
  every(interval_ms: number, callback: () => void, options?: { background?: boolean }): Timer;
}

/** Why it was aborted, as an error. */
export function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('aborted', { cause: signal.reason });
}

function sleep(duration_ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(abortReason(signal));
      return;
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, duration_ms);
    function onAbort(): void {
      clearTimeout(timer);
      reject(abortReason(signal as AbortSignal));
    }
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now_ms: () => Date.now(),
  monotonic_ms: () => performance.now(),
  sleep,
  after(delay_ms, callback, options) {
    const timer = setTimeout(callback, delay_ms);
    if (options?.background) timer.unref();
    return { stop: () => clearTimeout(timer) };
  },
  every(interval_ms, callback, options) {
    const timer = setInterval(callback, interval_ms);
    if (options?.background) timer.unref();
    return { stop: () => clearInterval(timer) };
  },
};

/** Lets everything else that waits have its turn: for long work on the main thread, between its slices. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** A date for display or for PostgreSQL, from milliseconds since 1970. */
export function dateFrom(time_ms: number): Date {
  return new Date(time_ms);
}

/** Rejects with an error from `onTimeout` when the work has not settled in time; the signal given to it is aborted. */
export async function withTimeout<T>(
  clock: Clock,
  timeout_ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  onTimeout: () => Error,
): Promise<T> {
  const controller = new AbortController();
  return await new Promise<T>((resolve, reject) => {
    const timer = clock.after(timeout_ms, () => {
      const error = onTimeout();
      controller.abort(error);
      reject(error);
    });
    work(controller.signal)
      .then(resolve, reject)
      .finally(() => timer.stop());
  });
}

/** Aborted after the time: for calls that take a signal only. The timer does not keep the process alive. */
export function deadlineSignal(clock: Clock, timeout_ms: number): AbortSignal {
  const controller = new AbortController();
  clock.after(timeout_ms, () => controller.abort(new Error(`it took longer than ${timeout_ms / 1000} s`)), {
    background: true,
  });
  return controller.signal;
}
