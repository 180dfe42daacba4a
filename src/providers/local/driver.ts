import { open, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Amount } from '../../base/amount.ts';
import { ProviderFault } from '../../base/faults.ts';
import { type NodeId, parseNodeId } from '../../base/ids.ts';
import type { Progress, ProviderContext, ResourceRef } from '../contract/calls.ts';
import type { Driver, DriverEnvironment, Machine, Provider, Resource } from '../contract.ts';
import { removeNode } from './destroy.ts';
import { hasCode, withFaults } from './faults.ts';
import { requireFiles } from './files.ts';
import { type LaunchLine, launchNode } from './launch.ts';
import { withNodeLock } from './node-lock.ts';
import { amountOfNode, type LocalOptions, parseLocalOptions } from './options.ts';
import { chooseIsolation } from './probe.ts';
import { localSchema } from './schema.ts';
import {
  isRunning,
  listDirectories,
  makeNodesDirectory,
  type NodePaths,
  nodePaths,
  nodesDirectory,
  readProcesses,
  readRecord,
} from './state-directory.ts';

/** As much of the console's end as `consoleLog` gives. */
const CONSOLE_TAIL_BYTES = 64 * 2 ** 10;

/** Seams for tests. */
export interface LocalSeams {
  /** Called after each line of a launch that a crash may follow. */
  passed?(line: LaunchLine): void;
}

interface Parts {
  name: string;
  options: LocalOptions;
  environment: DriverEnvironment;
  seams: LocalSeams;
}

function refuseCancelled(context: ProviderContext): void {
  if (context.signal.aborted) {
    throw new ProviderFault('transient', 'The call was cancelled before it began.', context.signal.reason);
  }
}

/** Null when there is no directory of nodes yet. */
async function pathsOf(data_directory: string, name: string): Promise<NodePaths | null> {
  try {
    return nodePaths(join(await realpath(nodesDirectory(data_directory)), name));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

async function destroyNode(parts: Parts, ref: ResourceRef, context: ProviderContext): Promise<void> {
  // The identifier becomes a path.
  if (parseNodeId(ref.node_id) === null) return;
  // A node here has one machine, by its own name.
  if (ref.kind !== 'machine' || (ref.external_id !== null && ref.external_id !== ref.node_id)) return;
  const paths = await pathsOf(parts.environment.data_directory, ref.node_id);
  if (paths === null) return;
  await withNodeLock(paths.root, context, async () => {
    const record = await readRecord(paths);
    // What does not carry our deployment's id is never touched.
    if (record !== null && record.deployment_id !== ref.deployment_id) return;
    await removeNode(paths, ref.node_id, record, context);
  });
}

/** Of a node that does not say what else it takes. */
const ONE_NODE: Amount = { nodes: 1 };

async function describe(parts: Parts, name: string, node_id: NodeId | null): Promise<Resource | null> {
  const { data_directory, deployment_id } = parts.environment;
  const paths = await pathsOf(data_directory, name);
  if (paths === null) return null;
  const stranger = {
    kind: 'machine',
    external_id: name,
    deployment_id: null,
    node_id: null,
    state: 'unknown',
    takes: ONE_NODE,
  } as const;
  if (node_id === null) return stranger;
  const record = await readRecord(paths);
  // A crash came between making the directory and saying whose it is: nothing was started, and only we make these.
  if (record === null) {
    return { kind: 'machine', external_id: name, deployment_id, node_id, state: 'stopped', takes: ONE_NODE };
  }
  // Another provider on this machine lists its own.
  if (record.deployment_id === deployment_id && record.provider !== parts.name) return null;
  const processes = await readProcesses(paths);
  const state = processes === null ? 'unknown' : (await isRunning(processes)) ? 'running' : 'stopped';
  const { takes = ONE_NODE } = record;
  return { kind: 'machine', external_id: name, deployment_id: record.deployment_id, node_id, state, takes };
}

async function consoleTail(parts: Parts, ref: ResourceRef): Promise<string> {
  const gone = (cause?: unknown) =>
    new ProviderFault('gone', `There is no machine for node ${ref.node_id} at ${parts.name}.`, cause);
  const paths = parseNodeId(ref.node_id) === null ? null : await pathsOf(parts.environment.data_directory, ref.node_id);
  if (paths === null || (await readRecord(paths))?.deployment_id !== ref.deployment_id) throw gone();
  const file = await open(paths.console, 'r').catch((error: unknown) => {
    throw hasCode(error, 'ENOENT') ? gone(error) : error;
  });
  try {
    const { size } = await file.stat();
    const length = Math.min(size, CONSOLE_TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Makes the provider. `seams` are for tests. Throws ProviderFault `config` for options that are not valid. */
export function createLocalProvider(
  name: string,
  options: Readonly<Record<string, unknown>>,
  environment: DriverEnvironment,
  seams: LocalSeams = {},
): Provider {
  const parts: Parts = { name, options: parseLocalOptions(name, options), environment, seams };
  return {
    name,
    can: { images: false, console_log: true, stop: false },
    reach: 'socket',
    amount: amountOfNode,
    launch: (spec, _step, context): Promise<Progress<Machine>> =>
      withFaults(`Starting the local node ${spec.node_id}`, async () => {
        refuseCancelled(context);
        if (parseNodeId(spec.node_id) === null) {
          throw new ProviderFault('config', `"${spec.node_id}" is not a node's identifier.`);
        }
        await requireFiles(environment, null);
        const isolation = await chooseIsolation(name, parts.options.isolation, environment, context);
        const root = await launchRoot(environment.data_directory, spec.node_id);
        const passed = (line: LaunchLine): void => seams.passed?.(line);
        const value = await withNodeLock(root, context, () =>
          launchNode(spec, { provider: name, isolation, environment, context, passed }),
        );
        return { done: true, value };
      }),
    destroy: (ref, _step, context): Promise<Progress<null>> =>
      withFaults(`Destroying the local node ${ref.node_id}`, async () => {
        refuseCancelled(context);
        await destroyNode(parts, ref, context);
        return { done: true, value: null };
      }),
    async *list(context) {
      const found = await withFaults(`Listing the local nodes of ${name}`, async () => {
        refuseCancelled(context);
        const directories = await listDirectories(environment.data_directory);
        return await Promise.all(directories.map((entry) => describe(parts, entry.name, entry.node_id)));
      });
      for (const resource of found) if (resource !== null) yield resource;
    },
    async limits(context) {
      refuseCancelled(context);
      return parts.options.limits;
    },
    consoleLog: (ref, context) =>
      withFaults(`Reading the console of ${ref.node_id}`, async () => {
        refuseCancelled(context);
        return await consoleTail(parts, ref);
      }),
  };
}

async function launchRoot(data_directory: string, node_id: NodeId): Promise<string> {
  await makeNodesDirectory(data_directory);
  return ((await pathsOf(data_directory, node_id)) as NodePaths).root;
}

/** Nodes on the server's own machine: isolated process trees. */
export const localDriver: Driver = {
  ...localSchema,
  open: (name, options, environment) => createLocalProvider(name, options, environment),
};
