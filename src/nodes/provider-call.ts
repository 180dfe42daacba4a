import { type Clock, withTimeout } from '../base/clock.ts';
import { ProviderFault } from '../base/faults.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { formatDuration } from '../base/units.ts';
import type { ProviderContext } from '../providers/contract/calls.ts';

/** How long each call of a driver may take. */
export const CALL_TIMEOUT_MS = {
  launch: 60_000,
  destroy: 60_000,
  list: 30_000,
  limits: 10_000,
  console: 5_000,
} as const;
export type ProviderCall = keyof typeof CALL_TIMEOUT_MS;

export interface CallEnvironment {
  clock: Clock;
  random: Random;
  log: Log;
}

/** Calls a driver with a deadline. Past it the driver's signal is aborted and the call counts as a transient fault. */
export async function callProvider<T>(
  environment: CallEnvironment,
  provider: string,
  call: ProviderCall,
  work: (context: ProviderContext) => Promise<T>,
): Promise<T> {
  const timeout_ms = CALL_TIMEOUT_MS[call];
  return await withTimeout(
    environment.clock,
    timeout_ms,
    (signal) => work({ ...environment, signal }),
    () => new ProviderFault('transient', `${provider} did not answer ${call} within ${formatDuration(timeout_ms)}`),
  );
}
