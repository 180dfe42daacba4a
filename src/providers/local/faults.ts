import { messageOf } from '../../base/errors/error.ts';
import { type FaultClass, ProviderFault } from '../../base/faults.ts';

const FAULT_OF_CODE: Readonly<Record<string, FaultClass>> = {
  ENOSPC: 'capacity',
  EDQUOT: 'capacity',
  ENOMEM: 'capacity',
  EAGAIN: 'capacity',
  EMFILE: 'capacity',
  ENFILE: 'capacity',
  EACCES: 'config',
  EPERM: 'config',
  EROFS: 'config',
  ENOTDIR: 'config',
};

/** Makes a fault of whatever was thrown: by the system's error code, else transient. A fault stays as it is. */
export function asFault(attempted: string, error: unknown): ProviderFault {
  if (error instanceof ProviderFault) return error;
  const code = (error as NodeJS.ErrnoException | null)?.code ?? '';
  return new ProviderFault(
    FAULT_OF_CODE[code] ?? 'transient',
    `${attempted} did not succeed: ${messageOf(error)}`,
    error,
  );
}

/** Runs the work; whatever it throws becomes a fault that says what was attempted. */
export async function withFaults<T>(attempted: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asFault(attempted, error);
  }
}

/** Is it the system's error with this code? */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException | null)?.code ?? '');
}
