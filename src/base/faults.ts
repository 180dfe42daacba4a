/**
 * Why something outside failed. The class decides what happens next, never the text:
 * `quota` and `capacity` pause and cost no attempt, `throttled` waits, `auth` and `config` wait for a person,
 * `gone` means that the thing no longer exists, `transient` is tried again.
 */
export const FAULT_CLASSES = ['quota', 'capacity', 'throttled', 'auth', 'config', 'gone', 'transient'] as const;
export type FaultClass = (typeof FAULT_CLASSES)[number];

/** What a driver throws: a class, the attempt, and the provider's own words as `cause` or detail. */
export class ProviderFault extends Error {
  override readonly name = 'ProviderFault';
  readonly fault: FaultClass;

  constructor(fault: FaultClass, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.fault = fault;
  }
}

/** The class of anything thrown: what is not a `ProviderFault` counts as transient. */
export function faultOf(error: unknown): FaultClass {
  return error instanceof ProviderFault ? error.fault : 'transient';
}
