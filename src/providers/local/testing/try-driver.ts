import { appendFileSync } from 'node:fs';
import { systemClock } from '../../../base/clock.ts';
import type { NodeId } from '../../../base/ids.ts';
import { silentLog } from '../../../base/log.ts';
import { systemRandom } from '../../../base/random.ts';
import { until } from '../../../base/testing/until.ts';
import type { ProviderContext } from '../../contract/calls.ts';
import type { DriverEnvironment, NodeSpec } from '../../contract.ts';
import { createLocalProvider } from '../driver.ts';

/** What the process is asked to do: JSON in its first argument. */
export interface Task {
  action: 'launch' | 'report';
  node_id: NodeId;
  options: Record<string, unknown>;
  node_options: Record<string, unknown>;
  environment: DriverEnvironment;
  /** SIGKILL itself after this line of the launch. */
  crash_at: string | null;
}

/**
 * A process of its own that uses the driver: as another user, or to be killed in the middle. `report` prints what the
 * stand-in agent printed, after `PRINTED`, and whatever was thrown, after `FAULT`.
 */
async function main(): Promise<void> {
  const task = JSON.parse(process.argv[2] as string) as Task;
  const provider = createLocalProvider('local', task.options, task.environment, {
    passed(line) {
      if (line === task.crash_at) process.kill(process.pid, 'SIGKILL');
    },
  });
  const signal = new AbortController().signal;
  const context: ProviderContext = { clock: systemClock, random: systemRandom, log: silentLog, signal };
  const spec: NodeSpec = {
    node_id: task.node_id,
    deployment_id: task.environment.deployment_id,
    node_type: 'trial',
    labels: [],
    options: task.node_options,
    agent: { server_url: 'unix:/run/groundcrew/private/agent/socket', registration_token: 'the-secret-token' },
  };
  const ref = { kind: 'machine' as const, node_id: spec.node_id, deployment_id: spec.deployment_id, external_id: null };
  await provider.launch(spec, undefined, context);
  if (task.action === 'launch') return;
  const printed = await until(async () => {
    const text = (await provider.consoleLog?.(ref, context)) ?? '';
    return text.includes('LEFT') && text;
  }, 'the last word of the agent');
  appendFileSync(1, `PRINTED ${JSON.stringify(printed)}\n`);
  await provider.destroy(ref, undefined, context);
}

await main().catch((error: { name?: string; fault?: string; message?: string }) => {
  appendFileSync(1, `FAULT ${JSON.stringify({ name: error.name, fault: error.fault, message: error.message })}\n`);
});
