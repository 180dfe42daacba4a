import { deadlineSignal, systemClock } from '../base/clock.ts';
import { ProviderFault } from '../base/faults.ts';
import type { Log } from '../base/log.ts';
import { systemRandom } from '../base/random.ts';
import { chooseIsolation } from '../providers/local/probe.ts';

const PROBE_WITHIN_MS = 20_000;

/**
 * Which isolation a configuration of this machine's own nodes may name: `auto` where one works, else `none` with what
 * was refused, for whoever may accept that: the demo does, and says so.
 */
export async function localIsolation(
  data_directory: string,
  parts: { agent_bundle: string; node_executable: string },
  log: Log,
): Promise<{ isolation: 'auto' | 'none'; refused: string | null }> {
  const { agent_bundle, node_executable } = parts;
  const environment = {
    data_directory,
    deployment_id: '',
    agent_socket_directory: data_directory,
    agent_bundle,
    node_executable,
  };
  const context = {
    clock: systemClock,
    random: systemRandom,
    log,
    signal: deadlineSignal(systemClock, PROBE_WITHIN_MS),
  };
  try {
    await chooseIsolation('local', 'auto', environment, context);
    return { isolation: 'auto', refused: null };
  } catch (error) {
    if (error instanceof ProviderFault && error.fault === 'config')
      return { isolation: 'none', refused: error.message };
    throw error;
  }
}
