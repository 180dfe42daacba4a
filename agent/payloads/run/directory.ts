import { execFile } from 'node:child_process';
import { messageOf } from '../../../src/base/errors/error.ts';
import type { Context } from '../../context.ts';
import { RunFailure } from './ending.ts';

/** Makes the working directory of a run without a checkout, as the payload's user. Throws `RunFailure` of class infra. */
export async function prepareDirectory(context: Context, directory: string, signal: AbortSignal): Promise<void> {
  const [command, ...rest] = [...context.settings.payload_command, 'mkdir', '-p', '--', directory];
  await new Promise<void>((resolve, reject) => {
    execFile(command as string, rest, { cwd: '/', timeout: 30_000, signal }, (error) => {
      if (!error) return resolve();
      if (signal.aborted) return reject(signal.reason);
      reject(new RunFailure('infra', `the working directory could not be made: ${messageOf(error)}`, error));
    });
  });
}
