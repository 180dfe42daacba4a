import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeId } from '../src/base/ids.ts';
import { randomName } from '../src/base/random.ts';
import type { ProviderContext } from '../src/providers/contract/calls.ts';
import type { NodeSpec, Provider } from '../src/providers/contract.ts';
import { createLocalProvider } from '../src/providers/local/driver.ts';
import type { BenchContext } from './context.ts';
import { type Figure, figure } from './figure.ts';
import { absoluteFigures, interleave, ratioFigure, type Side } from './rounds.ts';
import { median } from './statistics.ts';

const ROUNDS = 20;
/** An agent that only stays: the figures are the driver's own. */
const AGENT = "require('node:net').createServer().listen(process.env.HOME + '/stay');\n";

interface Samples {
  create_ms: number;
  destroy_ms: number;
}

/** One node, made and destroyed. */
async function measure(provider: Provider, context: BenchContext, calls: ProviderContext): Promise<Samples> {
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
  await provider.destroy({ kind: 'machine', node_id, deployment_id: 'bench', external_id: node_id }, undefined, calls);
  return { create_ms: created_ms - start_ms, destroy_ms: context.clock.monotonic_ms() - end_ms };
}

/** The floor: the least program that makes namespaces, and Node started in them. `bwrap` where it is, else `unshare`. */
function bareStart(node: string, isolation: string, clock: BenchContext['clock']): Side {
  const bwrap =
    (process.env.PATH ?? '')
      .split(':')
      .map((place) => join(place, 'bwrap'))
      .find(existsSync) ?? null;
  const words =
    isolation === 'none'
      ? [node]
      : bwrap !== null && isolation === 'auto'
        ? [bwrap, '--dev-bind', '/', '/', '--unshare-pid', '--unshare-net', '--unshare-ipc', '--unshare-uts', node]
        : ['unshare', '--fork', '--pid', '--mount', '--net', '--ipc', '--uts', node];
  return async () => {
    const start_ms = clock.monotonic_ms();
    const child = spawn(words[0] as string, [...words.slice(1), '-e', 'process.stdout.write("up")'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const came = await new Promise<boolean>((resolve) => {
      child.stdout.once('data', () => resolve(true));
      child.once('close', () => resolve(false));
      child.once('error', () => resolve(false));
    });
    const took_ms = clock.monotonic_ms() - start_ms;
    child.kill('SIGKILL');
    return came ? took_ms : Number.NaN;
  };
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
    const provider = createLocalProvider('bench', { isolation }, environment);
    const destroy_ms: number[] = [];
    const both = await interleave(ROUNDS, {
      created: async () => {
        const samples = await measure(provider, context, calls);
        destroy_ms.push(samples.destroy_ms);
        return samples.create_ms;
      },
      'a bare start': bareStart(node_executable, isolation, context.clock),
    });
    // Every real isolation has the budget, whatever programs a machine has; none at all is there to compare.
    const isReal = isolation !== 'none';
    const name = `local node, isolation ${isolation}`;
    yield ratioFigure(
      `${name}: created, to a bare start`,
      both.created,
      both['a bare start'],
      isReal ? { at_most: 3 } : null,
    );
    yield* absoluteFigures(both, 'ms', (side) => `${name}: ${side}`);
    yield figure(`${name}: destroyed, p50`, median(destroy_ms), 'ms', isReal ? { at_most: 50 } : null);
  }
}
