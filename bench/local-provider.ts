import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeId } from '../src/base/ids.ts';
import { randomName } from '../src/base/random.ts';
import type { NodeSpec, Provider, ProviderContext } from '../src/providers/contract.ts';
import { createLocalProvider } from '../src/providers/local/driver.ts';
import type { BenchContext } from './context.ts';
import { type Figure, figure } from './figure.ts';
import { median, percentile } from './statistics.ts';

const ROUNDS = 40;
/** An agent that only stays: the figures are the driver's own. */
const AGENT = "require('node:net').createServer().listen(process.env.HOME + '/stay');\n";

interface Samples {
  create_ms: number[];
  destroy_ms: number[];
}

async function measure(provider: Provider, context: BenchContext, calls: ProviderContext): Promise<Samples> {
  const samples: Samples = { create_ms: [], destroy_ms: [] };
  // The first one finds out what the machine can; a server does that once.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const node_id = `n-${randomName(context.random, 8)}` as NodeId;
    const agent = { server_url: 'unix:/run/groundcrew/agent/socket', registration_token: 'bench' };
    const options = { cores: 1, memory_bytes: 2 ** 30, pids: 500 };
    const spec: NodeSpec = { node_id, deployment_id: 'bench', node_type: 'bench', labels: [], options, agent };
    const start_ms = context.clock.monotonic_ms();
    await provider.launch(spec, undefined, calls);
    const created_ms = context.clock.monotonic_ms();
    // The agent is up by then, as it is when a node is really destroyed.
    await context.clock.sleep(50);
    const end_ms = context.clock.monotonic_ms();
    await provider.destroy(
      { kind: 'machine', node_id, deployment_id: 'bench', external_id: node_id },
      undefined,
      calls,
    );
    const destroyed_ms = context.clock.monotonic_ms();
    if (round === 0) continue;
    samples.create_ms.push(created_ms - start_ms);
    samples.destroy_ms.push(destroyed_ms - end_ms);
  }
  return samples;
}

/** How long the local driver takes to create and to destroy a node, with limits, for each isolation that works here. */
export async function* figures(context: BenchContext): AsyncIterable<Figure> {
  const data_directory = join(context.directory, 'data');
  const agent_bundle = join(context.directory, 'agent.js');
  const node_executable = join(context.directory, 'node');
  await mkdir(data_directory);
  await writeFile(agent_bundle, AGENT, { mode: 0o644 });
  await copyFile(process.execPath, node_executable);
  const environment = {
    data_directory,
    deployment_id: 'bench',
    agent_socket_directory: join(data_directory, 'agent'),
    agent_bundle,
    node_executable,
  };
  const calls = { ...context, signal: new AbortController().signal };
  for (const isolation of ['auto', 'unshare', 'none']) {
    context.progress(`${ROUNDS} local nodes, isolation ${isolation}`);
    const samples = await measure(createLocalProvider('bench', { isolation }, environment), context, calls);
    // Every real isolation has the budget, whatever programs a machine has; none at all is there to compare.
    const [create, destroy] = isolation === 'none' ? [null, null] : [{ at_most: 100 }, { at_most: 50 }];
    const name = `local node, isolation ${isolation}`;
    yield figure(`${name}: created, p50`, median(samples.create_ms), 'ms', create);
    yield figure(`${name}: created, p95`, percentile(samples.create_ms, 0.95), 'ms', null);
    yield figure(`${name}: destroyed, p50`, median(samples.destroy_ms), 'ms', destroy);
    yield figure(`${name}: destroyed, p95`, percentile(samples.destroy_ms, 0.95), 'ms', null);
  }
}
