import { GroundcrewError, isError, messageOf } from '../../../src/base/errors/error.ts';
import { AGENT_PATHS } from '../../../src/protocol/agent.ts';
import type { Context } from '../../context.ts';
import { discard, httpRequest, serverAddress } from '../../link/http.ts';
import { TransportError, unpackInChild } from '../../workspace/child.ts';
import { RunFailure } from './ending.ts';
import { Patience } from './patience.ts';

const IDLE_TIMEOUT_MS = 30_000;

/**
 * Fetches the sources and unpacks them as they come; a cut starts over. Throws `RunFailure`: `failed` when the archive
 * itself is refused (another node would refuse it too), `infra` when it cannot be had; or the signal's reason.
 */
export async function checkOut(
  context: Context,
  run: { run_id: number; fence: number; directory: string },
  isOpen: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  const patience = new Patience(context, isOpen);
  for (;;) {
    try {
      return await once(context, run, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (isError(error, 'GC1903')) throw new RunFailure('failed', error.message, error);
      if (error instanceof RunFailure || !(await patience.wait(signal))) {
        throw new RunFailure('infra', `the checkout failed: ${messageOf(error)}`, error);
      }
      context.log.warn({ reason: messageOf(error) }, 'the checkout is tried again');
    }
  }
}

async function once(
  context: Context,
  run: { run_id: number; fence: number; directory: string },
  signal: AbortSignal,
): Promise<void> {
  const path = AGENT_PATHS.checkout(run.run_id, run.fence);
  const response = await httpRequest(serverAddress(context.settings.server_url), {
    method: 'GET',
    path,
    bearer: context.state.value.session_secret,
    idle_timeout_ms: IDLE_TIMEOUT_MS,
    signal,
  });
  const status = response.statusCode ?? 0;
  if (status !== 200) {
    await discard(response);
    const error = new GroundcrewError('GC1904', { status, method: 'GET', path });
    // What the server refuses for good is not asked again; 5xx, 408 and 429 are.
    if (status >= 400 && status < 500 && status !== 408 && status !== 429) throw new RunFailure('infra', error.message);
    throw error;
  }
  try {
    await unpackInChild(context, response, run.directory, signal);
  } catch (error) {
    if (error instanceof TransportError || isError(error, 'GC1903')) throw error;
    signal.throwIfAborted();
    throw new RunFailure('infra', messageOf(error), error);
  }
}
