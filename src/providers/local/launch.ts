import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { ProviderFault } from '../../base/faults.ts';
import type { ProviderContext } from '../contract/calls.ts';
import type { DriverEnvironment, Machine, NodeSpec } from '../contract.ts';
import { makeCgroups, planCgroups } from './cgroups.ts';
import { nodeCommand } from './command.ts';
import { removeNode } from './destroy.ts';
import { makeFiles, makeView, type NodeBounds, nodeEnvironment, requireFiles } from './files.ts';
import type { Isolation } from './isolation.ts';
import { type MachineFacts, machineFacts } from './machine.ts';
import { parseMounts } from './mounts.ts';
import { amountOfNode, parseNodeLimits } from './options.ts';
import { INSIDE } from './places.ts';
import { startNode } from './start.ts';
import {
  isRunning,
  makeNodesDirectory,
  type NodePaths,
  type NodeRecord,
  nodePaths,
  type ProcessRecord,
  readProcesses,
  readRecord,
  writeWhole,
} from './state-directory.ts';

/** How long a node that was not let go may take to end. */
const UNTOLD_MS = 1000;

/** Names of the places where a crash matters; tests end the process there. */
export type LaunchLine = 'directory' | 'record' | 'files' | 'cgroups' | 'started' | 'written' | 'let_go' | 'marked';

export interface LaunchParts {
  provider: string;
  isolation: Isolation;
  environment: DriverEnvironment;
  context: ProviderContext;
  /** Called after each line; for tests. */
  passed(line: LaunchLine): void;
}

/** What is already there of this node: a machine, or nothing (a half-made one is removed). Throws for a stranger's. */
async function findMade(spec: NodeSpec, paths: NodePaths, parts: LaunchParts): Promise<Machine | null> {
  const record = await readRecord(paths);
  if (record !== null && record.deployment_id !== spec.deployment_id) {
    throw new ProviderFault('config', `${paths.root} belongs to another deployment (${record.deployment_id}).`);
  }
  const processes = await readProcesses(paths);
  if (processes !== null && (await wasLetGo(processes, parts.context))) {
    // One that has ended since is a stopped machine and stays one: its token is used.
    return { external_id: spec.node_id, addresses: [], host_keys: [] };
  }
  await removeNode(paths, spec.node_id, record, parts.context);
  return null;
}

/**
 * Without our word a node ends by itself at once, so one that lives on after a moment had it, although the crash came
 * before that was written down.
 */
async function wasLetGo(processes: ProcessRecord, context: ProviderContext): Promise<boolean> {
  if (processes.let_go) return true;
  const deadline_ms = context.clock.monotonic_ms() + UNTOLD_MS;
  while (await isRunning(processes)) {
    if (context.clock.monotonic_ms() > deadline_ms) return true;
    await context.clock.sleep(10);
  }
  return false;
}

function limitsOf(spec: NodeSpec, machine: MachineFacts, context: ProviderContext) {
  const limits = parseNodeLimits(spec.node_type, spec.options);
  const plan = planCgroups(machine.cgroups, `groundcrew-${spec.node_id}`, limits);
  if (plan.unlimited.cores !== null) {
    context.log.warn({ node: spec.node_id, cores: limits.cores }, 'cores cannot be limited here: no cgroup is usable');
  }
  return plan;
}

/** Cores that cannot be limited here are the machine's, all of them. */
function boundsOf(spec: NodeSpec, plan: ReturnType<typeof planCgroups>): NodeBounds {
  const { cores, memory_bytes } = parseNodeLimits(spec.node_type, spec.options);
  return { cores: plan.unlimited.cores === null ? cores : null, memory_bytes, cgroups: plan.directories };
}

/** Makes the node, or finds it. May be called again after a crash at any line. Throws ProviderFault. */
export async function launchNode(spec: NodeSpec, parts: LaunchParts): Promise<Machine> {
  const { isolation, environment, context, passed } = parts;
  const machine = await machineFacts();
  const limits = limitsOf(spec, machine, context);
  const mounts = parseMounts(spec.node_type, spec.options);
  await requireFiles(environment, isolation);
  const nodes = await realpath(await makeNodesDirectory(environment.data_directory));
  const paths = nodePaths(join(nodes, spec.node_id));
  const made = await findMade(spec, paths, parts);
  if (made !== null) return made;

  await mkdir(paths.root, { mode: 0o700 });
  passed('directory');
  const record: NodeRecord = {
    node_id: spec.node_id,
    deployment_id: spec.deployment_id,
    provider: parts.provider,
    isolation,
    cgroups: limits.directories,
    takes: amountOfNode(spec.options),
  };
  await writeWhole(paths.record, `${JSON.stringify(record)}\n`, 0o600);
  passed('record');
  await makeFiles(spec, isolation, machine, environment, paths, boundsOf(spec, limits));
  passed('files');
  await makeCgroups(limits);
  passed('cgroups');
  const view = await makeView(
    spec.node_id,
    { node_type: spec.node_type, mounts, memory_bytes: parseNodeLimits(spec.node_type, spec.options).memory_bytes },
    isolation,
    machine,
    environment,
    paths,
  );
  const inside = isolation.kind !== 'none';
  const runtime = inside ? INSIDE.node : environment.node_executable;
  // A small young generation: 2 to 3 MB less on every node, and an agent makes little garbage.
  const program = [runtime, '--max-semi-space-size=1', inside ? INSIDE.agent_bundle : environment.agent_bundle];
  const command = nodeCommand({
    node_id: spec.node_id,
    isolation,
    machine,
    paths,
    view,
    cgroups: limits.directories,
    rlimits: limits.unlimited,
    program,
  });
  const node = await startNode(command, isolation, paths, nodeEnvironment(spec.node_id, isolation, paths), context);
  passed('started');
  try {
    await writeWhole(paths.processes, `${JSON.stringify(node.processes)}\n`, 0o600);
  } catch (error) {
    await node.abandon();
    throw error;
  }
  passed('written');
  await node.letGo();
  passed('let_go');
  await writeWhole(paths.processes, `${JSON.stringify({ ...node.processes, let_go: true })}\n`, 0o600);
  passed('marked');
  return { external_id: spec.node_id, addresses: [], host_keys: [] };
}
